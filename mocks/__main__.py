"""`python -m mocks FOLDER [AUTHORITY ...]`: serves the mocks of a configuration folder until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from gateway.contract.folders import load_authorities, shipped
from gateway.contract.words import nearest
from gateway.errors import BrokenFiles
from mocks import admin
from mocks.server import cast_of, start
from mocks.settings import identity, load_settings, tls, token


async def serve(folder: Path, only: Sequence[str] = ()) -> None:
    """Serves the mocks of `folder/mocks.yaml` (all, or those named) until SIGINT or SIGTERM; one line for each.

    Raises:
        BrokenFiles: a file does not say what it must.
        OSError: a port is taken.
    """
    settings = load_settings(folder)
    root = folder / settings.contracts if settings.contracts else shipped()
    folders = load_authorities(root)
    cast, scenarios = cast_of(folders.values())
    for name in only:
        if name not in settings.authorities:
            near = nearest(name, settings.authorities)
            hint = f"did you mean {near!r}?" if near else f"known here: {', '.join(settings.authorities)}"
            raise ValueError(f"no mock has this name; {hint}")
    channels = {
        (authority, name): channel
        for authority, found in settings.authorities.items()
        for name, channel in found.items()
        if not only or authority in only
    }
    identities = {key: identity(folder, channel) for key, channel in channels.items()}
    ports = {key: channel.port for key, channel in channels.items()}
    context = tls(folder, settings)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        running = start(folders, cast, identities, scenarios=scenarios, host=settings.host, ports=ports, tls=context)
        mocks = await stack.enter_async_context(running)
        for authority, channel in channels:
            _say(f"{authority}.{channel}", mocks.url(authority, channel), mocks.document_url(authority, channel))
        if settings.admin is not None:
            door = admin.serving(mocks, token(folder, settings.admin), settings.admin.port)
            _say("admin", await stack.enter_async_context(door), settings.admin.token)
        sys.stdout.flush()
        await stop.wait()


def _say(name: str, *rest: str) -> None:
    sys.stdout.write(f"{name:<32} {'  '.join(rest)}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when stopped by a signal, 2 when the files or a port do not allow serving."""
    parser = argparse.ArgumentParser(prog="python -m mocks", description="Serves every authority as a mock.")
    parser.add_argument("folder", type=Path, help="a configuration folder, as `gateway init` writes it")
    parser.add_argument("authority", nargs="*", help="only these authorities")
    given = parser.parse_args(arguments)
    try:
        asyncio.run(serve(given.folder, given.authority))
    except (BrokenFiles, OSError, ValueError) as error:  # ValueError: a file that holds no key of the right kind
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
