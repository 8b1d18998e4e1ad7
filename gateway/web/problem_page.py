"""The pages that explain problems: what the `type` of a problem document leads to."""

from __future__ import annotations

import html

from gateway.web.problems import KINDS


def page(code: str) -> str | None:
    """The page that explains a code, or None where there is no such code."""
    kind = KINDS.get(code)
    if kind is None:
        return None
    title = html.escape(kind.title)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        "<style>body{font:16px/1.6 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem;color:#1c2430}"
        "code{background:#eef1f5;padding:.1em .4em;border-radius:4px}h1{font-size:1.5rem}</style>"
        f"<h1>{title}</h1><p><code>{code}</code> · HTTP {kind.status}</p>"
        f'<p lang="zh">{html.escape(kind.zh)}</p><p>{html.escape(kind.en)}</p></html>'
    )
