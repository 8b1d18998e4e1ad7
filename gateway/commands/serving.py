"""`gateway serve` and `gateway mocks`: run until told to stop."""

from __future__ import annotations

from pathlib import Path

from gateway import app, installation, logs
from gateway.clock import SystemClock
from gateway.commands.loops import calm_collector, run, told_to_stop
from gateway.commands.screen import Exit, failures, say, say_json


def serve(home: Path, as_json: bool) -> Exit:
    """The gateway of one installation."""
    with failures():
        found = installation.read(home)
        logs.configure(found.settings.log)
        run(_serve(found, as_json))
    return Exit.DONE


async def _serve(found: installation.Installation, as_json: bool) -> None:
    sockets = (app.listen_on(found.settings.listen), app.listen_on(found.settings.admin))
    async with app.running(found, SystemClock(), sockets) as gateway:
        calm_collector()
        if as_json:
            say_json({"url": gateway.url, "admin_url": gateway.admin_url})
        else:
            say(f"gateway   {gateway.url}   (questions: POST /v1/verifications, document: /openapi.json)")
            say(f"operators {gateway.admin_url}   (/metrics, /health/authorities)")
        await told_to_stop()
        await gateway.drain.run()


def mocks(home: Path, only: list[str], as_json: bool) -> Exit:
    """The authorities as mocks, all of them or those named."""
    with failures():
        try:
            from mocks.__main__ import serve as serve_mocks
        except ModuleNotFoundError as error:
            say(f"{error.name} is missing: install run-once-gateway[mocks]")
            return Exit.USAGE
        run(serve_mocks(home, only))
    return Exit.DONE
