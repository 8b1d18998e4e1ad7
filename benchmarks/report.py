"""The figures of one run as a document, and the document as the text that is printed and committed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.channels import CHANNELS
from benchmarks.rounds import BUSY, QUIET, Cell, Figures

BILL = (
    ("server", "aiohttp as a server: a constant reply to a POST", 1),
    ("verify", "verify the caller: parse, check, digest, Ed25519", 1),
    ("read", "read the question: strict JSON, pydantic, our nouns", 1),
    ("plan", "policy: grants, both rounds, what is owed", 1),
    ("ledger", "ledger: intent and outcome, 16 at a time, durable", 1),
    ("stack_once", "stack around the REST check (one call)", 1),
    ("stack_three", "stack around the SOAP check (three calls side by side)", 1),
    ("guardianship_archive.share build", "REST: build and sign a request", 1),
    ("household_registry.query build", "SOAP: build and sign a request", 3),
    ("guardianship_archive.share call", "REST: the HTTP client, one call", 1),
    ("household_registry.query call", "SOAP: the HTTP client, one call", 3),
    ("guardianship_archive.share read", "REST: verify, decode and read a reply", 1),
    ("household_registry.query read", "SOAP: verify, decode and read a reply", 3),
    ("judge", "judge", 1),
    ("render", "render the answer", 1),
    ("sign", "sign the answer", 1),
)
"""The steps of one guardianship verification and how often each is taken."""

_UNITS = ("p50_ms", "p99_ms")
_COLUMNS = (
    "CPU us a question",
    "a second and core",
    "measured/s",
    "core held",
    "p50 ms",
    "p99 ms",
    "others' us",
    "A against it",
)


def goals(cells: Sequence[Cell], us: Mapping[str, float]) -> list[dict[str, Any]]:
    """The column `first` of the goals, each beside what was measured; those that were not measured are left out."""
    found = []
    for cell in cells:
        if cell.workload.name == "guardianship":
            at = f"{cell.callers} callers"
            if cell.callers == 16:
                found.append(_goal(f"against B, {at}", ">=", 0.30, cell.ratio("B")))
                spread = cell.median("A", "p99_ms") / cell.median("A", "p50_ms")
                found.append(_goal(f"p99 over p50, {at}", "<=", 3, spread))
            for callers, least in ((16, 3), (64, 8)):
                if cell.callers == callers:
                    found.append(_goal(f"against C, {at}", ">=", least, cell.ratio("C")))
    found.append(_goal("a SOAP call against zeep's AsyncClient", ">=", 5, us["zeep_call"] / us["soap_call"]))
    found.append(_goal("the stack around a call that succeeds at once, us", "<=", 100, us["stack_once"]))
    return found


def is_quiet(cells: Sequence[Cell]) -> bool:
    """Whether the servers had their core to themselves."""
    return all(cell.held(name) >= QUIET for cell in cells if cell.callers >= BUSY for name in cell.figures)


def _goal(what: str, sign: str, limit: float, measured: float) -> dict[str, Any]:
    is_met = measured >= limit if sign == ">=" else measured <= limit
    return {"goal": what, "first": f"{sign} {limit:g}", "measured": round(measured, 3), "met": is_met}


def document(
    machine: Mapping[str, Any],
    calibrations: Sequence[Mapping[str, float]],
    cells: Sequence[Cell],
    server: Figures,
    us: Mapping[str, float],
    about: Mapping[str, Any],
) -> dict[str, Any]:
    """Everything that was measured, ready for JSON."""
    steps = {**us, "server": server.cpu_us}
    whole = next((cell for cell in cells if cell.workload.name == "guardianship" and cell.callers == 16), cells[0])
    return {
        "about": dict(about),
        "machine": dict(machine),
        "calibration_before_and_after": [dict(one) for one in calibrations],
        "quiet": is_quiet(cells),
        "goals": goals(cells, us),
        "cells": [cell.document() for cell in cells],
        "steps_us": {name: round(value, 1) for name, value in sorted(steps.items())},
        "whole_us": round(whole.median("A", "cpu_us"), 1),
    }


def text(found: Mapping[str, Any], cells: Sequence[Cell]) -> str:
    """The document as Markdown that reads well on a terminal."""
    about = found["about"]
    lines = [f"# Benchmark of {about['date']}, {about['name']}", ""]
    lines += [
        f"{about['rounds']} interleaved rounds, medians. {about['proved']} answers of A verified as a consumer would."
    ]
    lines += [f"Suite of the channels signed by RFC 9421: `{about['suite']}`."]
    if not is_quiet(cells):
        lines += ["", "**The machine had other work meanwhile: the ratios below are blurred. Run it again.**"]
    lines += ["", "## A (the gateway), B (bare aiohttp), C (FastAPI + httpx)", "", *_cells(cells)]
    lines += ["", "## Goals, column `first`", "", *_goals(found["goals"])]
    lines += ["", "## The bill of one guardianship verification", "", *_bill(found["steps_us"], found["whole_us"])]
    lines += ["", "## Each channel, one call", "", *_channels(found["steps_us"])]
    lines += ["", "## One SOAP call", "", *_soap(found["steps_us"])]
    lines += ["", "## The machine", "", *_machine(found)]
    return "\n".join(lines) + "\n"


def _cells(cells: Sequence[Cell]) -> Iterator[str]:
    for cell in cells:
        least = {name: (min(found), max(found)) for name in ("B", "C") if (found := cell.ratios(name))}
        yield f"**{cell.workload.title}; {cell.callers} {'caller' if cell.callers == 1 else 'callers'}**"
        yield ""
        yield f"|   | {' | '.join(_COLUMNS)} |"
        yield f"|---{'|--:' * len(_COLUMNS)}|"
        for name in ("A", "B", "C"):
            us = cell.median(name, "cpu_us")
            others = cell.median(name, "upstream_us") + cell.median(name, "callers_us")
            times = " | ".join(f"{cell.median(name, unit):.1f}" for unit in _UNITS)
            rates = f"{1e6 / us:,.0f} | {cell.median(name, 'per_second'):,.0f} | {cell.held(name):.0%}"
            row = f"| {name} | {us:,.0f} | {rates} | {times} | {others:,.0f} |"
            low, high = least.get(name, (0.0, 0.0))
            yield row + (" |" if name == "A" else f" **{cell.ratio(name):.2f}** ({low:.2f} to {high:.2f}) |")
        yield ""


def _goals(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "| goal | first | measured | met |"
    yield "|---|--:|--:|---|"
    for one in found:
        yield f"| {one['goal']} | {one['first']} | {one['measured']:.2f} | {'yes' if one['met'] else 'no'} |"


def _bill(us: Mapping[str, float], whole: float) -> Iterator[str]:
    yield "| step, alone and warm | us | times | us together |"
    yield "|---|--:|--:|--:|"
    together = 0.0
    for name, title, times in BILL:
        together += us[name] * times
        yield f"| {title} | {us[name]:,.0f} | {times} | {us[name] * times:,.0f} |"
    yield f"| **all steps** | | | **{together:,.0f}** |"
    yield f"| **the whole, 16 callers** | | | **{whole:,.0f}** |"
    yield "| difference: tasks and gathering, evidence, kernel, garbage collection, cold caches | | |" + (
        f" {whole - together:,.0f} |"
    )


def _channels(us: Mapping[str, float]) -> Iterator[str]:
    yield "| channel | protected by | build and sign | HTTP client | verify, decode and read | together, us |"
    yield "|---|---|--:|--:|--:|--:|"
    for authority, channel, _, how in CHANNELS:
        name = f"{authority}.{channel}"
        parts = [us[f"{name} {step}"] for step in ("build", "call", "read")]
        yield f"| {name} | {how} | {' | '.join(f'{part:,.0f}' for part in parts)} | {sum(parts):,.0f} |"


def _soap(us: Mapping[str, float]) -> Iterator[str]:
    ours, theirs = us["national build"] + us["national read"], us["zeep build"] + us["zeep read"]
    yield "| CPU us | the gateway, WS-Security both ways | zeep, nothing signed or verified | zeep / gateway |"
    yield "|---|--:|--:|--:|"
    yield f"| messages only: build and read | {ours:,.0f} | {theirs:,.0f} | {theirs / ours:.2f} |"
    yield (
        f"| whole call over loopback, 16 at a time | {us['soap_call']:,.0f} (with the stack) | {us['zeep_call']:,.0f}"
        f" (AsyncClient) | {us['zeep_call'] / us['soap_call']:.2f} |"
    )


def _machine(found: Mapping[str, Any]) -> Iterator[str]:
    yield "| | |"
    yield "|---|---|"
    for name, value in found["machine"].items():
        yield f"| {name} | {value} |"
    for name in found["calibration_before_and_after"][0]:
        values = ", ".join(str(one[name]) for one in found["calibration_before_and_after"])
        yield f"| {name}, before and after | {values} |"
