"""`nephoscope approve PLAN`: the second person's signature over a plan that somebody else wants to carry out.

PLAN is what `nephoscope do … --plan -o json` printed. It is shown in words before anything is signed, its hash is
computed again from what is shown, and a terminal is asked; without one, `--yes HASH` says that it was read.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from collectors.errors import BadConfiguration, Refused, UsageError
from collectors.untrusted import neutral
from collectors.values import iso
from console.cli.exits import Exit

if TYPE_CHECKING:
    from collectors.site import Site
    from runbooks.plan import Plan

LARGEST: Final = 16 * 2**20
"""Bytes of a plan."""


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of `approve`."""
    parser.add_argument("plan", metavar="PLAN", help="the file that `do … --plan -o json` printed; - is stdin")
    parser.add_argument("--for", dest="span", metavar="TIME", default="15m", help="how long it holds, at most 1h (15m)")
    parser.add_argument("--key", metavar="FILE", default="", help="the key that signs, or the .pub of one in ssh-agent")
    parser.add_argument("--output", metavar="FILE", default="", help="where to write it (default: beside the locks)")
    parser.add_argument("--yes", metavar="HASH", default="", help="do not ask: the plan with this hash was read")


def run(options: Any) -> Exit:
    """Show the plan, ask, sign, check, journal, and put the approval where the other console looks."""
    from console.config import load_settings
    from console.wiring import CLOCK
    from runbooks.approval import Statement, keep
    from runbooks.lock_dir import shared
    from runbooks.signature import key_of, signed, signer

    if options.read_only or load_settings(options.environ).read_only:
        raise Refused("approve", "read-only: an approval lets others change something", "leave --read-only out")
    plan = read_plan(options.plan)
    site = _site(plan, options)
    if site.allowed_signers is None:
        hint = "add allowed_signers to the site in nephoscope.toml (ssh-keygen(1), ALLOWED SIGNERS)"
        raise BadConfiguration(f"site {site.cloud}", "it does not say whose signature approves a plan", hint)
    now = float(int(CLOCK()))
    try:
        statement = Statement(plan.hash, plan.cloud, plan.region, plan.operation, now, now + _span(options.span))
        text = statement.text()
    except ValueError as error:
        raise UsageError(f"{options.plan}: {error}") from error
    key = key_of(options.key, site.ssh.identity, Path(options.environ.get("HOME") or "~").expanduser())
    _shown(plan, statement.until, options)
    _asked(plan, options)
    signature = signed(text, key, options.environ, terminal=sys.stdin.isatty())
    names = signer(text, signature, site.allowed_signers, options.environ)
    path = _place(site, plan, options)
    _journal(plan, names[0], statement.until, options)
    keep(statement, signature, path)
    print(f"approved as {neutral(names[0])} until {iso(int(statement.until))}: {neutral(str(path))}", file=sys.stderr)
    if not options.output:
        print(f"who can see it: {neutral(shared(site.lock_dir))}", file=sys.stderr)
    return Exit.DONE


def read_plan(place: str) -> Plan:
    """The plan in a file or on stdin, its hash computed again. Raises `UsageError`, `BadConfiguration`."""
    import msgspec

    from collectors.files import text_of
    from collectors.shapes import decoded
    from runbooks import plan as plans

    what = "stdin" if place == "-" else place
    data = sys.stdin.buffer.read(LARGEST + 1) if place == "-" else text_of(Path(place), "plan").encode()
    if len(data) > LARGEST:
        raise UsageError(f"{what}: larger than {LARGEST >> 20} MiB, so no plan")
    try:
        found = decoded(data, Any)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{what}: no JSON ({error})", "make it with `nephoscope do … --plan -o json`") from error
    if isinstance(found, list) and len(found) == 1:
        (found,) = found
    if not isinstance(found, dict) or not isinstance(found.get("hash"), str):
        raise UsageError(f"{what}: no plan with a hash", "make it with `nephoscope do … --plan -o json`")
    try:
        plan = plans.decoded(found)
    except ValueError as error:
        raise UsageError(f"{what}: {error}", "ask for the plan again; do not approve this one") from error
    if found.get("targets", None) != plans.encoded(plan)["targets"]:
        raise UsageError(f"{what}: its targets are not those of the plan", "do not approve this one")
    return plan


def _site(plan: Plan, options: Any) -> Site:
    """The site of the plan; a cloud or region that was named must be the plan's."""
    from console.config import load_site

    for name, told, own in (("cloud", options.cloud, plan.cloud), ("region", options.region, plan.region)):
        if told and told != own:
            raise UsageError(f"the plan is for {name} {own[:60] or '(none)'}, not {told[:60]}")
    return load_site(plan.cloud, plan.region, options.environ)


def _span(text: str) -> float:
    from collectors.values import quantity
    from runbooks.approval import LONGEST

    found = quantity(text)
    if found is None or not 30 <= found <= LONGEST:
        raise UsageError(f"--for {text[:40]}: no time from 30 s to an hour", "examples: 10m, 15m, 1h")
    return float(int(found))


def _shown(plan: Plan, until: float, options: Any) -> None:
    """The plan in words, on stderr: it is talk."""
    from views.text.approval import lines

    width = max(shutil.get_terminal_size((100, 24)).columns, 60)
    for line in lines(plan, until, width=width, ascii_only=options.ascii):
        sys.stderr.write(line)
    sys.stderr.flush()


def _asked(plan: Plan, options: Any) -> None:
    """Raises `UsageError` unless whoever is there has agreed to this very plan."""
    if options.yes:
        if len(options.yes) < 8 or not plan.hash.startswith(options.yes.lower()):
            raise UsageError(f"--yes {options.yes[:40]}: the plan's hash is {plan.hash}", "nothing was signed")
        return
    if not sys.stdin.isatty():
        raise UsageError("nobody can be asked without a terminal", f"read the plan, then --yes {plan.hash[:16]}")
    sys.stderr.write("Type approve to sign it, anything else to leave it: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip() != "approve":
        raise UsageError("not approved; nothing was signed")


def _place(site: Site, plan: Plan, options: Any) -> Path:
    from runbooks.approval import folder

    if options.output:
        return Path(options.output).absolute()
    return folder(site, make=True) / f"{plan.hash[:32]}.{secrets.token_hex(4)}.json"


def _journal(plan: Plan, who: str, until: float, options: Any) -> None:
    """What cannot be recorded is not given away. Raises `JournalError`."""
    from console.config import journal_path
    from console.wiring import CLOCK
    from runbooks.journal import Journal
    from runbooks.machine import users

    Journal(journal_path(options.environ), CLOCK).append(
        "approved",
        "",
        {
            "plan_hash": plan.hash,
            "who": who,
            "until": until,
            "by": list(users(options.environ)),
            "operation": plan.operation,
            "cloud": plan.cloud,
            "region": plan.region,
            "targets": [part.name for part in plan.parts],
        },
    )
