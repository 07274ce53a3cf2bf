"""The commands of ceph that change one OSD or one host: its flags, how readily it leads a group."""

from __future__ import annotations

from runbooks.simulator.ssh.programs.ceph_ask import Ask, Refused, command

_GROUP_FLAGS = ("noup", "nodown", "noin", "noout")


def _group(ask: Ask, *, put: bool) -> int:
    flags, names = (ask.words or [""])[0].split(","), ask.words[1:]
    for flag in flags:
        if flag not in _GROUP_FLAGS:
            raise Refused(f"Error EINVAL: unrecognized flag '{flag}', must be one of {{noup,nodown,noin,noout}}", 22)
    held = [_held(ask, name, put=put) for name in names]
    if not held:
        raise Refused("Error EINVAL: invalid command", 22)
    for each in held:
        if put:
            each.update(flags)
        else:
            each.difference_update(flags)
    ask.ceph.node_flags = {name: found for name, found in ask.ceph.node_flags.items() if found}
    ask.ceph.bump(ask.now)
    ask.ceph.cloud.settle()
    return ask.done("")


def _held(ask: Ask, name: str, *, put: bool) -> set[str]:
    """The flags of an OSD or of a node of the CRUSH tree."""
    number = name.removeprefix("osd.")
    if number.isdigit() and int(number) in ask.ceph.osds:
        return ask.ceph.osds[int(number)].flags
    if name in (*ask.ceph.hosts, "default"):
        return ask.ceph.node_flags.setdefault(name, set()) if put else ask.ceph.node_flags.get(name, set())
    raise Refused(f'Error EINVAL: unable to parse osd id or crush node or device class: "{name}". ', 22)


@command("osd set-group", writes=True)
def _set_group(ask: Ask) -> int:
    return _group(ask, put=True)


@command("osd unset-group", writes=True)
def _unset_group(ask: Ask) -> int:
    return _group(ask, put=False)


@command("osd primary-affinity", writes=True)
def _affinity(ask: Ask) -> int:
    name, value = ([*ask.words, "", ""])[:2]
    number = name.removeprefix("osd.")
    osd = ask.ceph.osds.get(int(number)) if number.isdigit() else None
    if osd is None:
        raise Refused(f"Error ENOENT: osd.{number} does not exist", 2)
    try:
        wanted = float(value)
    except ValueError:
        raise Refused(f"Invalid command: {value} not in range [0.0, 1.0]\nError EINVAL: invalid command", 22) from None
    if not 0 <= wanted <= 1:
        raise Refused(f"Invalid command: {wanted} not in range [0.0, 1.0]\nError EINVAL: invalid command", 22)
    osd.affinity = wanted
    ask.ceph.bump(ask.now)
    return ask.done(f"set osd.{osd.id} primary-affinity to {wanted:g} (8{int(wanted * 327_680)})")
