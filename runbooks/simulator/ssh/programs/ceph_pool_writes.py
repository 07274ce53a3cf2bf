"""The commands of ceph that change what a pool may hold, and how many copies of it there are."""

from __future__ import annotations

import re

from runbooks.simulator.model.ceph.pools import Pool
from runbooks.simulator.ssh.programs.ceph_ask import Ask, Refused, command

_SIZES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_MOST = 10
"""Copies that a replicated pool may have."""


def _pool(ask: Ask) -> Pool:
    name = (ask.words or [""])[0]
    found = next((each for each in ask.ceph.pools.values() if each.name == name), None)
    if found is None:
        raise Refused(f"Error ENOENT: unrecognized pool '{name}'", 2)
    return found


def _changed(ask: Ask, pool: Pool) -> None:
    ask.ceph.bump(ask.now)
    pool.last_change = ask.ceph.epoch
    ask.ceph.cloud.settle()


@command("osd pool set-quota", writes=True)
def _set_quota(ask: Ask) -> int:
    pool = _pool(ask)
    what, value = ([*ask.words[1:3], "", ""])[:2]
    found = re.fullmatch(r"(\d+)([KMGT]?)i?B?", value)
    if what not in ("max_objects", "max_bytes") or found is None:
        raise Refused(f"Error EINVAL: error parsing value '{value}' for {what}", 22)
    number = int(found[1]) * _SIZES[found[2]]
    if what == "max_bytes":
        pool.quota_bytes = number
    else:
        pool.quota_objects = number
    _changed(ask, pool)
    return ask.done(f"set-quota {what} = {number} for pool {pool.name}")


@command("osd pool set", writes=True)
def _set(ask: Ask) -> int:
    pool = _pool(ask)
    what, value = ([*ask.words[1:3], "", ""])[:2]
    if what not in ("size", "min_size"):
        raise Refused(f"Error EINVAL: {what} is not set here", 22)
    if not value.isdigit():
        raise Refused(f"Error EINVAL: error parsing int value '{value}'", 22)
    number = int(value)
    if what == "size":
        if number < 1 or number > _MOST:
            raise Refused("Error EINVAL: pool size must be between 1 and 10", 22)
        if number == 1:
            raise Refused("Error EPERM: configuring pool size as 1 is disabled by default.", 1)
        pool.size = number
        pool.min_size = min(pool.min_size, number)
    else:
        if number < 1 or number > pool.size:
            raise Refused(f"Error EINVAL: pool min_size must be between 1 and size, which is set to {pool.size}", 22)
        pool.min_size = number
    for group in ask.ceph.groups.values():
        if group.pool == pool.id:
            group.size, group.min_size = pool.size, pool.min_size
    _changed(ask, pool)
    return ask.done(f"set pool {pool.id} {what} to {number}")
