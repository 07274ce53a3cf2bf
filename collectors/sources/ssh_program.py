"""The `ssh` command that reaches a host in exactly the way in which this console reads from it.

A shell is given to the system's OpenSSH, not to paramiko's interactive channel: it handles terminals, resizing, escapes
and slow bastions as people know it, and its sessions are logged where bastions log. All that decides where it goes and
whom it trusts is told to it by a configuration file made from the ways that the source found (site first, then
ssh_config): address, user, keys, known_hosts, one `Host` after the other through jump hosts. Host keys are always
verified, and nothing of the user's own configuration can change that.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from collectors.errors import BadConfiguration, UsageError
from collectors.sources.routes import Hop

NAMESPACE = re.compile(r"[A-Za-z0-9_][\w.@:-]{0,199}", re.ASCII)


def configuration(hop: Hop) -> str:
    """An ssh_config for the way to `hop`; its last `Host` is `target`, the ones before are `hop-1`, `hop-2` …"""
    way: list[Hop] = []
    here: Hop | None = hop
    while here is not None:
        way.insert(0, here)
        here = here.through
    blocks = [_block("target" if n == len(way) - 1 else f"hop-{n + 1}", each, n) for n, each in enumerate(way)]
    return "".join(blocks)


def _block(alias: str, hop: Hop, number: int) -> str:
    return "".join(f"{line}\n" for line in _lines(alias, hop, number))


def _lines(alias: str, hop: Hop, number: int) -> Iterator[str]:
    yield f"Host {alias}"
    yield f"  HostName {_value(hop.address)}"
    yield f"  Port {hop.port}"
    yield f"  User {_value(hop.user)}"
    # The key is looked up under the name that the source uses, whatever the alias here.
    yield f"  HostKeyAlias {_value(hop.key_name)}"
    yield f"  UserKnownHostsFile {' '.join(_value(str(path)) for path in hop.known_hosts) or '/dev/null'}"
    yield "  GlobalKnownHostsFile /dev/null"
    yield "  StrictHostKeyChecking yes"
    yield "  UpdateHostKeys no"
    yield from (f"  IdentityFile {_value(str(path))}" for path in hop.identities)
    if not hop.identities:
        yield "  IdentityFile none"
    yield f"  IdentitiesOnly {'yes' if hop.identities_only else 'no'}"
    yield f"  IdentityAgent {_value(hop.agent) if hop.agent else 'none'}"
    yield "  PreferredAuthentications publickey"
    yield "  ConnectTimeout 10"
    yield "  ServerAliveInterval 20"
    yield "  ForwardAgent no"
    yield "  ForwardX11 no"
    if number:
        yield f"  ProxyJump hop-{number}"
    elif hop.command:
        yield f"  ProxyCommand {hop.command.replace('%', '%%')}"


def _value(text: str) -> str:
    """A value as one word of ssh_config; percent signs are expanded already."""
    if any(ord(character) < 32 or character == '"' for character in text):
        raise BadConfiguration("ssh", f"{text[:60]!r} cannot stand in an ssh_config", "rename it")
    plain = text.replace("%", "%%") if "/" in text else text
    return f'"{plain}"' if " " in plain else plain


def shell_command(config: Path, hop: Hop, namespace: str = "") -> list[str]:
    """The words to run: a login shell on the host, or a shell inside one of its network namespaces (as root)."""
    words = ["ssh", "-F", str(config), "-t", "-o", "LogLevel=ERROR", "target"]
    if not namespace:
        return words
    if not NAMESPACE.fullmatch(namespace):
        raise UsageError(
            f"“{namespace[:60]}” is no name of a namespace", "nephoscope get namespaces host=HOST lists them"
        )
    sudo = [] if hop.user == "root" else ["sudo"]
    return [*words, shlex.join([*sudo, "ip", "netns", "exec", namespace, "bash", "-l"])]
