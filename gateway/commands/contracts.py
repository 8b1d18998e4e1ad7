"""`gateway contracts list`, and where the commands about contracts find their folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.table import Table

from gateway import installation
from gateway.commands.screen import Exit, console, failures, say_json
from gateway.contract.files import load_or_raise
from gateway.contract.folders import AuthorityFolder, load_authorities, shipped
from gateway.settings import Settings, home_from_environment


def folder_of(home: Path | None, root: Path | None = None) -> Path:
    """The contracts folder that was named, or the installation's, or the shipped one where there is no installation.

    Raises:
        BrokenFiles: the installation's settings cannot be read.
    """
    if root is not None:
        return root
    named = home or (Path(text) if (text := home_from_environment()) else None)
    folder = named or Path()
    if named is None and not (folder / installation.SETTINGS).exists():
        return shipped()
    settings = load_or_raise(folder / installation.SETTINGS, Settings)
    return folder / settings.contracts if settings.contracts is not None else shipped()


def list_all(home: Path | None, root: Path | None, as_json: bool) -> Exit:
    """Prints every authority of the folder. A folder that cannot be loaded: `USAGE`."""
    with failures():
        folders = load_authorities(folder_of(home, root))
    if as_json:
        say_json({"authorities": [_document(name, folder) for name, folder in sorted(folders.items())]})
        return Exit.DONE
    table = Table("authority", "channel", "wire", "signing", "operations", "version", box=None, pad_edge=False)
    for name, folder in sorted(folders.items()):
        for key, channel in folder.contract.channels.items():
            table.add_row(name, key, channel.wire, channel.signing, str(len(channel.operations)), folder.sha256[:12])
    console().print(table)
    return Exit.DONE


def _document(name: str, folder: AuthorityFolder) -> dict[str, Any]:
    channels = {
        key: {"wire": channel.wire, "signing": channel.signing, "operations": list(channel.operations)}
        for key, channel in folder.contract.channels.items()
    }
    return {
        "authority": name,
        "title": folder.contract.title.model_dump(),
        "sha256": folder.sha256,
        "channels": channels,
    }
