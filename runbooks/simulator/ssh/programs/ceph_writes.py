"""The commands of ceph that an operator repairs with: flags, OSDs in and out, mutes, crash reports, scrubs."""

from __future__ import annotations

import re

from runbooks.simulator.model.ceph import WARN_FLAGS, osd_map
from runbooks.simulator.model.ceph.daemons import Osd
from runbooks.simulator.model.ceph.repairs import repair, scrub
from runbooks.simulator.ssh.programs.ceph_ask import Ask, Refused, command

_SETTABLE = (
    *("full", "pause", "noup", "nodown", "noout", "noin", "nobackfill", "norebalance", "norecover", "noscrub"),
    *("nodeep-scrub", "notieragent", "nosnaptrim", "pglog_hardlimit"),
)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def _changed(ask: Ask) -> None:
    """The OSD map has changed: consequences spread at once."""
    ask.ceph.bump(ask.now)
    ask.ceph.cloud.settle()


def _flag(ask: Ask, verb: str) -> list[str]:
    flag = (ask.words or [""])[0]
    if flag not in _SETTABLE:
        known = "|".join(_SETTABLE)
        more = " [--yes-i-really-mean-it]" if verb == "set" else ""
        usage = f"osd {verb} {known}{more} :  {verb} <key>"
        raise Refused(f"Invalid command: {flag} not in {known}\n{usage}\nError EINVAL: invalid command", 22)
    return [each for each in (("pauserd", "pausewr") if flag == "pause" else (flag,)) if each in WARN_FLAGS]


@command("osd set", writes=True)
def _set(ask: Ask) -> int:
    flags = _flag(ask, "set")
    ask.ceph.flags.update(flags)
    _changed(ask)
    return ask.done(f"{','.join(flags) or ask.words[0]} is set")


@command("osd unset", writes=True)
def _unset(ask: Ask) -> int:
    flags = _flag(ask, "unset")
    ask.ceph.flags.difference_update(flags)
    _changed(ask)
    return ask.done(f"{','.join(flags) or ask.words[0]} is unset")


def _osds(ask: Ask) -> list[tuple[str, Osd | None]]:
    """The OSDs that the words name; a word that is no number is refused."""
    found = []
    for word in ask.words:
        if word.startswith("-"):
            continue
        number = word.removeprefix("osd.")
        if not number.isdigit():
            raise Refused(f"Error EINVAL: unable to parse osd id or osd name: {word}", 22)
        found.append((number, ask.ceph.osds.get(int(number))))
    if not found:
        raise Refused("Error EINVAL: invalid command", 22)
    return found


def _each(ask: Ask, verb: str) -> int:
    said = []
    for number, osd in _osds(ask):
        if osd is None:
            said.append(f"osd.{number} does not exist. ")
        elif (verb == "down" and not osd.up) or (verb != "down" and osd.inside == (verb == "in")):
            said.append(f"osd.{number} is already {verb}. ")
        else:
            {"down": osd_map.set_down, "in": osd_map.set_in, "out": osd_map.set_out}[verb](ask.ceph, osd, ask.now)
            said.append(f"marked {verb} osd.{number}. ")
    ask.ceph.cloud.settle()
    return ask.done("".join(said))


@command("osd out", writes=True)
def _out(ask: Ask) -> int:
    return _each(ask, "out")


@command("osd in", writes=True)
def _in(ask: Ask) -> int:
    return _each(ask, "in")


@command("osd down", writes=True)
def _down(ask: Ask) -> int:
    return _each(ask, "down")


@command("osd reweight", writes=True)
def _reweight(ask: Ask) -> int:
    if len(ask.words) != 2 or not re.fullmatch(r"\d*\.?\d+", ask.words[1]) or not 0 <= float(ask.words[1]) <= 1:
        raise Refused("Error EINVAL: weight must be in the range [0..1]", 22)
    (number, osd), *_ = _osds(Ask(ask.call, ask.ceph, ask.words[:1], ask.form, ask.entity))
    if osd is None:
        raise Refused(f"Error ENOENT: osd.{number} does not exist", 2)
    osd.reweight = float(ask.words[1])
    osd.inside = osd.reweight > 0
    ask.ceph.in_changed = ask.now
    _changed(ask)
    return ask.done(f"reweighted osd.{number} to {osd.reweight:g} ({int(osd.reweight * 0x10000):x})")


@command("osd pool application enable", writes=True)
def _application(ask: Ask) -> int:
    if len(ask.words) < 2:
        raise Refused("Error EINVAL: invalid command", 22)
    name, application = ask.words[:2]
    pool = next((each for each in ask.ceph.pools.values() if each.name == name), None)
    if pool is None:
        raise Refused(f"Error ENOENT: unrecognized pool '{name}'", 2)
    pool.application = application
    _changed(ask)
    return ask.done(f"enabled application '{application}' on pool '{name}'")


@command("health mute", writes=True)
def _mute(ask: Ask) -> int:
    words = [word for word in ask.words if not word.startswith("-")]
    code, lasting = (words or [""])[0], words[1] if len(words) > 1 else ""
    found = re.fullmatch(r"(\d+)([smhdw]?)", lasting or "0")
    if found is None:
        raise Refused(f"Error EINVAL: not a valid duration: {lasting}", 22)
    seconds = int(found[1]) * _UNITS[found[2] or "s"] if lasting else None
    if not ask.ceph.mute(code, seconds, sticky="--sticky" in ask.words):
        raise Refused(f"Error ENOENT: health alert {code} is not currently raised", 2)
    return 0


@command("health unmute", writes=True)
def _unmute(ask: Ask) -> int:
    mutes = ask.ceph.reports.mutes
    for code in ask.words or list(mutes):
        mutes.pop(code, None)
    return 0


@command("crash archive-all", by="mgr", writes=True)
def _archive_all(ask: Ask) -> int:
    ask.ceph.reports.archived.update(ask.ceph.reports.crashes)
    ask.ceph.cloud.settle()
    return 0


@command("crash archive", by="mgr", writes=True)
def _archive(ask: Ask) -> int:
    name = (ask.words or [""])[0]
    if name not in ask.ceph.reports.crashes:
        return ask.done(f"crash info: {name} not found")
    ask.ceph.reports.archived.add(name)
    ask.ceph.cloud.settle()
    return 0


@command("crash rm", by="mgr", writes=True)
def _remove(ask: Ask) -> int:
    for name in ask.words:
        ask.ceph.reports.crashes.pop(name, None)
        ask.ceph.reports.archived.discard(name)
    ask.ceph.cloud.settle()
    return 0


def _group(ask: Ask, verb: str) -> int:
    wanted = (ask.words or [""])[0]
    if not re.fullmatch(r"\d+\.[0-9a-f]+", wanted):
        raise Refused(f"Error EINVAL: invalid pgid '{wanted}'", 22)
    group = ask.ceph.groups.get(wanted)
    if group is None:
        raise Refused(f"Error ENOENT: pg {wanted} does not exist", 2)
    if not group.acting:
        raise Refused(f"Error EAGAIN: pg {wanted} has no primary osd", 11)
    if verb == "repair":
        repair(ask.ceph, group)
    else:
        scrub(ask.ceph, group, deep=verb == "deep-scrub")
    return ask.done(f"instructing pg {wanted} on osd.{group.acting[0]} to {verb}")


@command("pg repair", by="mgr", writes=True)
def _repair(ask: Ask) -> int:
    return _group(ask, "repair")


@command("pg deep-scrub", by="mgr", writes=True)
def _deep_scrub(ask: Ask) -> int:
    return _group(ask, "deep-scrub")


@command("pg scrub", by="mgr", writes=True)
def _scrub(ask: Ask) -> int:
    return _group(ask, "scrub")


@command("mgr fail", writes=True)
def _mgr_fail(ask: Ask) -> int:
    managers = ask.ceph.managers
    name = (ask.words or [managers.active])[0]
    if not name:
        raise Refused("Error ENOENT: Currently no active mgr", 2)
    if name != managers.active and name not in managers.standbys:
        return ask.done(f"Daemon not found '{name}', already failed?")
    managers.fail(name, ask.now)
    ask.ceph.cloud.settle()
    return 0
