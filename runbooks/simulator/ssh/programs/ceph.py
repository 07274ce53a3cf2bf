"""The ceph command of the storage hosts: who asks, whether anybody answers, and which command it is.

A client needs a quorum of the monitors; what the managers answer needs a manager too. Without them a real client
waits, and so does this one. Only a daemon's own socket is asked on the host itself.
"""

from __future__ import annotations

from runbooks.simulator.model.ceph.daemons import LONG_VERSION
from runbooks.simulator.ssh.pace import FOREVER
from runbooks.simulator.ssh.program import Call, program
from runbooks.simulator.ssh.programs import (
    ceph_groups,
    ceph_osd_writes,
    ceph_pool_writes,
    ceph_reads,
    ceph_sockets,
    ceph_writes,
)
from runbooks.simulator.ssh.programs.ceph_ask import COMMANDS, Ask, Refused, connected, find, installed, options

_NO_CAPS = (
    "Error EACCES: access denied: does your client key have mgr caps? See "
    "http://docs.ceph.com/en/latest/mgr/administrator/#client-authentication"
)

assert ceph_groups  # imported for the commands that they declare
assert ceph_osd_writes
assert ceph_pool_writes
assert ceph_reads
assert ceph_writes


@program("ceph", on=installed)
def _ceph(call: Call) -> int:
    given = options(call, {"-s": "status", "--status": "status", "-v": "version", "--version": "version"})
    if given.words[:1] == ["version"]:
        call.print(LONG_VERSION)
        return 0
    if given.socket or given.words[:1] == ["daemon"]:
        return ceph_sockets.ask(call, given)
    if (failed := connected(call, given)) is not None:
        return failed
    ask = Ask(call, call.place.cloud.ceph, given.words, given.form, given.entity)
    command, rest = find(given.words)
    if command is None:
        near = [" ".join(words) for words in COMMANDS if words[0] == (given.words or [""])[0]] or ["status", "health"]
        named = "\n".join(near[:10])
        return call.fail(
            f"no valid command found; {len(near[:10])} closest matches:\n{named}\nError EINVAL: invalid command", 22
        )
    if command.writes and given.entity != "client.admin":
        return call.fail(_NO_CAPS if command.by == "mgr" else "Error EACCES: access denied", 13)
    if command.by == "mgr" and not ask.ceph.managers.serving(ask.now):
        call.wait(FOREVER)
        return 1
    ask.words = rest
    try:
        status = command.run(ask)
    except Refused as refused:
        status = call.fail(refused.text, refused.status)
    if command.writes:
        ask.call.place.cloud.wrote(
            "ceph", " ".join(given.words), f"{given.entity}@{call.place.host.name}", f"exit {status}"
        )
    return status
