"""`gateway doctor`: everything an installation needs, one line each, and how to mend what is wrong."""

from __future__ import annotations

import shutil
import socket
import ssl
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gateway import installation
from gateway.clock import SystemClock
from gateway.commands import epochs_checked, keys_checked, ledger_checked
from gateway.commands.loops import run
from gateway.commands.screen import Exit, console, say, say_json
from gateway.errors import BrokenFiles, GatewayError
from gateway.ledger.ledger import Ledger
from gateway.security import tls
from gateway.security.grants import Consumers
from gateway.settings import command_name
from gateway.store.sqlite import Store

FREE_BYTES = 1_000_000_000
CONNECT_SECONDS = 1.0
RENEW_DAYS = 30


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing looked at. `mend` says what to do, now or (where it is still well) soon; it is empty where all is well."""

    name: str
    found: str
    mend: str = ""
    worth: Exit = Exit.DONE


def doctor(home: Path, as_json: bool) -> Exit:
    """Looks at everything that can be looked at, and prints it."""
    checked = list(_examine(home))
    worst = max((one.worth for one in checked), default=Exit.DONE)
    if as_json:
        rows = [{"name": c.name, "found": c.found, "mend": c.mend, "ok": c.worth is Exit.DONE} for c in checked]
        say_json({"home": str(home), "ok": worst is Exit.DONE, "checks": rows})
        return worst
    for one in checked:
        mark = "[green]ok  [/green]" if one.worth is Exit.DONE else "[red]MEND[/red]"
        if console().is_terminal:
            console().print(f"{mark} {one.name:<24} {one.found}")
        else:
            say(f"{'ok  ' if one.worth is Exit.DONE else 'MEND'} {one.name:<24} {one.found}")
        if one.mend:
            say(f"     -> {one.mend}")
    return worst


def _examine(home: Path) -> Iterator[Checked]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Checked("python", version)
    try:
        found = installation.read(home)
    except BrokenFiles as error:
        for problem in error.problems:
            yield Checked("files", str(problem), _mend(home), Exit.USAGE)
        return
    contracts, policies = sorted(found.authorities), sorted(policy.name for policy in found.policies)
    yield Checked("contracts", ", ".join(contracts))
    yield Checked("policies", ", ".join(policies))
    yield _consumers(found.consumers.current)
    yield from _private_files(home)
    yield from (Checked(*row) for row in keys_checked.rows(found, SystemClock().unix()))
    yield from (Checked(*row) for row in epochs_checked.rows(found))
    yield from _certificates(found)
    yield _ledger(found)
    yield from (Checked(*row) for row in ledger_checked.rows(found, SystemClock().unix()))
    yield _disk(home)
    yield from _reachable(found)


def _consumers(consumers: Consumers) -> Checked:
    files = [each.file for each in consumers.loaded.values()]
    states = Counter(key.state for file in files for key in file.keys)
    suspended = sum(file.state == "suspended" for file in files)
    told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    return Checked("consumers", f"{len(files)} ({suspended} suspended), keys: {told or 'none'}")


def _mend(home: Path) -> str:
    if not (home / installation.SETTINGS).exists():
        return f"no installation is here: name its folder with --home, or make one with `{command_name()} init DIR`"
    return f"mend this line; for settings, `{command_name()} init NEW` writes a right example"


def _private_files(home: Path) -> Iterator[Checked]:
    """Private keys that others on this machine could read."""
    open_ones = 0
    for path in sorted((home / "keys").glob("*")):
        private = path.suffix in (".pem", ".key", ".txt") and not path.name.endswith(".pub.pem")
        if private and path.stat().st_mode & 0o077:
            open_ones += 1
            yield Checked("key file", f"{path.name} can be read by others", f"chmod 600 {path}", Exit.USAGE)
    if not open_ones:
        yield Checked("key files", "private ones can be read by their owner alone")


def _certificates(found: installation.Installation) -> Iterator[Checked]:
    clock = SystemClock()
    for where, ends in sorted(_ends(found, clock.monotonic()).items()):
        days, name = (ends - clock.unix()) / 86_400, f"certificate {where}"
        if days >= RENEW_DAYS:
            yield Checked(name, f"{days:.0f} days left")
            continue
        mend = "put the next one and its key in their files" + ("" if "soap" in where else "; no restart is needed")
        if days > 0:
            yield Checked(name, f"only {days:.0f} days left", mend)
        else:
            yield Checked(name, f"ended {-days:.0f} days ago", mend, Exit.USAGE)


def _ends(found: installation.Installation, now: float) -> dict[str, float]:
    """When each certificate ends, by where it belongs: of TLS, and those that sign SOAP messages."""
    ends = {where: at for each in found.tls for where, at in each.ends(now).items()}
    named = {"keys.soap": found.settings.keys.soap.certificate}
    for authority, channels in found.settings.authorities.items():
        for channel, given in channels.items():
            if given.certificate is not None:
                named[f"{authority}.{channel}.soap"] = given.certificate
    return ends | {where: tls.ends(found.home / file) for where, file in named.items()}


def _ledger(found: installation.Installation) -> Checked:
    async def writable() -> bool:
        async with Store.open(found.ledger_path) as store:
            return await Ledger(store, SystemClock(), found.keys.pseudonyms).writable()

    try:
        if run(writable()):
            return Checked("ledger", f"{found.ledger_path.name} can be written")
        return Checked("ledger", "cannot be written", "free the disk, or make the file writable", Exit.USAGE)
    except GatewayError as error:
        mend = f"do what it says; `{command_name()} init` is for a new installation"
        return Checked("ledger", str(error), mend, Exit.USAGE)


def _disk(home: Path) -> Checked:
    free = shutil.disk_usage(home).free
    text = f"{free / 1e9:.1f} GB free"
    if free >= FREE_BYTES:
        return Checked("disk", text)
    return Checked("disk", text, "below 1 GB: with a full disk nothing is answered", Exit.USAGE)


def _reachable(found: installation.Installation) -> Iterator[Checked]:
    """Whether something listens where each authority should be, with a certificate to believe; nothing is asked."""
    for authority, channels in sorted(found.endpoints.items()):
        for channel, endpoint in sorted(channels.items()):
            address, name = urlsplit(endpoint.url), f"{authority}.{channel}"
            port = address.port or (443 if address.scheme == "https" else 80)
            host = address.hostname or ""
            try:
                with socket.create_connection((host, port), CONNECT_SECONDS) as connection:
                    if endpoint.tls is not None:
                        context = endpoint.tls.context(SystemClock().monotonic())
                        context.wrap_socket(connection, server_hostname=host).close()
                yield Checked(name, f"{endpoint.url} listens")
            except ssl.SSLError as error:
                found_out = getattr(error, "verify_message", None) or error.reason or "it speaks no TLS"
                mend = "mend 'tls' of this endpoint in gateway.yaml, or ask them for the right certificate"
                yield Checked(name, f"{endpoint.url}: {found_out}", mend, Exit.UNDETERMINED)
            except OSError as error:
                mend = f"start it (for mocks: `{command_name()} mocks --home {found.home}`), or mend its url in gateway.yaml"
                yield Checked(name, f"{endpoint.url}: {error.strerror or error}", mend, Exit.UNDETERMINED)
