"""`docker exec`; `docker run` for what is done with a database that has stopped: let it lead, ask where it stands.

Both use the volumes of the container `mariadb`. Started with `BOOTSTRAP_ARGS=--wsrep-new-cluster` (Kolla's start reads
it) the server makes a new cluster; `mariadbd --wsrep-recover` tells its last transaction and ends.
"""

from __future__ import annotations

from runbooks.simulator.model.galera_member import LEADER, UNIT
from runbooks.simulator.model.hosts import Unit
from runbooks.simulator.ssh import changes
from runbooks.simulator.ssh.containers import find
from runbooks.simulator.ssh.program import Call, find_program

_FLAGS = frozenset(("-d", "--detach", "--rm"))
_RECOVERY = 2.0
"""Seconds that reading the logs takes."""


def run(call: Call) -> int:
    """`docker run [OPTION…] IMAGE [WORD…]`."""
    words, given = call.args, dict[str, list[str]]()
    while words and words[0].startswith("-"):
        name, equals, value = words[0].partition("=")
        taken = 1 if name in _FLAGS or equals else 2
        given.setdefault(name, []).append(value if equals else words[1] if taken == 2 and len(words) > 1 else "")
        words = words[taken:]
    if not words:
        return call.fail("docker: 'docker run' requires at least 1 argument", 125)
    usual = find(call.place, "docker", UNIT)
    if usual is None or given.get("--volumes-from") != [UNIT] or words[0] != usual.image:
        return call.fail(f"docker: Error response from daemon: {words[0]} cannot be run here", 125)
    if given.get("--entrypoint") == ["mariadbd"] and "--wsrep-recover" in words:
        return _recover(call)
    if given.get("--name") == [LEADER] and "BOOTSTRAP_ARGS=--wsrep-new-cluster" in given.get("--env", []):
        return _lead(call, usual.unit)
    return call.fail(f"docker: Error response from daemon: {words[0]} cannot be run here", 125)


def _recover(call: Call) -> int:
    place = call.place
    galera = place.cloud.galera
    if galera.unit(place.host.name).state in ("running", "hung"):
        call.wait(30.0)
        call.fail(
            "[ERROR] mariadbd: Can't lock aria control file '/var/lib/mysql/aria_log_control' for exclusive use, "
            "error: 11"
        )
        return 1
    call.wait(_RECOVERY)
    at = int(galera[place.host.name].seqno)
    call.err.write(b"[Note] InnoDB: Starting crash recovery from checkpoint LSN=\n")
    call.fail(f"[Note] WSREP: Recovered position: {galera.cluster_id}:{at},0-1-{at}")
    return 0


def _lead(call: Call, usual: Unit) -> int:
    """The container starts in any case; the server in it ends at once where grastate.dat does not let it lead."""
    place = call.place
    if LEADER in place.host.units:
        return call.fail(
            f'docker: Error response from daemon: Conflict. The container name "/{LEADER}" is already in use', 125
        )
    call.print(place.cloud.seed.digest("container", LEADER, int(place.now), size=32).hex())
    member = place.cloud.galera[place.host.name]
    if not (member.safe or member.blank) or usual.state in ("running", "hung"):
        return 0
    place.host.units[LEADER] = Unit(LEADER, "docker", place.now, usual.image, usual.description, state="stopped")
    changes.apply(place, place.host.units[LEADER], "start")
    return 0


def gone(call: Call, name: str) -> None:
    """A container that was run with `--rm` is no longer there once it was stopped."""
    if name == LEADER:
        call.place.host.units.pop(LEADER, None)


def execute(call: Call) -> int:
    """Runs the program as root on the same host: what a container's tools see is the same model."""
    words = call.args
    while words and words[0].startswith("-"):
        words = words[2 if words[0] in ("-u", "--user", "-e", "--env", "-w", "--workdir") else 1 :]
    if len(words) < 2:
        return call.fail(
            "docker: 'docker exec' requires at least 2 arguments\n\n"
            "Usage:  docker exec [OPTIONS] CONTAINER COMMAND [ARG...]"
        )
    container = find(call.place, "docker", words[0])
    if container is None:
        return call.fail(f"Error response from daemon: No such container: {words[0]}")
    if container.state != "running":
        return call.fail(f"Error response from daemon: container {container.id} is not running")
    if find_program(call.place.host, words[1]) is None:
        return call.fail(
            f'OCI runtime exec failed: exec failed: unable to start container process: exec: "{words[1]}": '
            "executable file not found in $PATH",
            127,
        )
    below = call.shell.child(place=call.place.become("root"))
    return below.spawn(words[1:], (call.stdin, call.out, call.err), builtins=False)
