"""How to reach a host: one hop, or several through jump hosts, each with its address, login and keys.

The site comes first (nephoscope.toml, the inventory), then what ssh_config says, then OpenSSH's defaults.
"""

from __future__ import annotations

import getpass
import re
import shlex
from pathlib import Path

import msgspec

from collectors.errors import BadConfiguration
from collectors.site import Site, SiteHost
from collectors.sources.ssh_config import Found, SshConfig, expanded

_DEFAULT_KEYS = ("id_ed25519", "id_ecdsa", "id_rsa")
_JUMP = re.compile(r"(?:ssh://)?(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?")
_MOST_HOPS = 8


class Hop(msgspec.Struct, frozen=True):
    """One SSH server on the way, and the way to it."""

    name: str
    """What people call it: the site's or ssh_config's name."""
    address: str
    port: int
    user: str
    key_name: str
    """The name that its host key is known by: `10.0.0.11`, `[10.0.0.11]:2222`, or HostKeyAlias."""
    known_hosts: tuple[Path, ...]
    identities: tuple[Path, ...]
    agent: str
    """Path of the agent's socket; empty for none."""
    identities_only: bool
    """Only keys that `identities` names may be offered, also from the agent."""
    through: Hop | None = None
    command: str = ""
    """ProxyCommand, run by the user's shell."""

    @property
    def title(self) -> str:
        """`ctl01 (10.0.0.11 port 22)`."""
        shown = f"{self.address} port {self.port}"
        return f"{self.name} ({shown})" if self.name != self.address else shown


class Routes(msgspec.Struct, frozen=True):
    """Finds the way to each host of a site."""

    site: Site
    config: SshConfig
    home: Path
    agent: str
    """SSH_AUTH_SOCK."""
    _found: dict[str, Hop] = msgspec.field(default_factory=dict)

    def to(self, name: str) -> Hop:
        """The way to the host `name` of the site (or any name that ssh_config knows). Raises `BadConfiguration`."""
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self._hop(name, self.site.ssh.jump, ())
        return found

    def _hop(self, name: str, jump: str, before: tuple[str, ...], user: str = "", port: int = 0) -> Hop:
        if name in before or len(before) >= _MOST_HOPS:
            raise BadConfiguration(f"the way to {before[0]}", f"jumps in a circle: {' → '.join((*before, name))}",
                                   "check ProxyJump in ssh_config and ssh.jump of the site")  # fmt: skip
        host = self.site.hosts.get(name, SiteHost(name))
        user = user or host.user
        found = self.config.lookup(name, user)
        if not found.by_name and host.address and host.address != name:
            by_address = self.config.lookup(host.address, user)
            found = by_address if by_address.by_name else found
        address = self._address(name, host, found)
        port = port or host.port or _port(found, name)
        user = user or found.first("user") or self.site.ssh.user or getpass.getuser()
        alias = found.first("hostkeyalias")
        tokens = {
            "%": "%",
            "h": address,
            "n": name,
            "p": str(port),
            "r": user,
            "u": getpass.getuser(),
            "d": str(self.home),
        }
        through, command = self._proxy(name, jump, found, tokens, before)
        only = found.first("identitiesonly").lower() == "yes" or self.site.ssh.identity is not None
        return Hop(
            name=name,
            address=address,
            port=port,
            user=user,
            key_name=alias or (address if port == 22 else f"[{address}]:{port}"),
            known_hosts=self._known_hosts(found, tokens),
            identities=self._identities(found, tokens),
            agent=self._agent(found, tokens),
            identities_only=only,
            through=through,
            command=command,
        )

    def _address(self, name: str, host: SiteHost, found: Found) -> str:
        written = found.first("hostname")
        if written and found.by_name:
            return expanded(written, {"%": "%", "h": name})
        return host.address or (expanded(written, {"%": "%", "h": name}) if written else name)

    def _proxy(
        self, name: str, jump: str, found: Found, tokens: dict[str, str], before: tuple[str, ...]
    ) -> tuple[Hop | None, str]:
        """The hop before this one, or a proxy command. A jump host is not reached through itself (`Host *`)."""
        way = (*before, name)
        if jump and jump != "none" and name not in _jump_names(jump):
            return self._through(jump, way), ""
        written = " ".join(found.values.get("proxyjump", ()))
        if written and written != "none" and name not in _jump_names(written):
            return self._through(written, way), ""
        command = " ".join(found.values.get("proxycommand", ()))
        if not command or command == "none" or written:
            return None, ""
        if (host := _forwarder(command)) is not None:
            return self._through(host, way), ""
        return None, expanded(command, tokens)

    def _through(self, jumps: str, way: tuple[str, ...]) -> Hop:
        """The last of `a,b,c`, reached through the ones before it; the first one by its own configuration."""
        *earlier, last = jumps.split(",")
        found = _JUMP.fullmatch(last.strip())
        if found is None:
            raise BadConfiguration(f"ProxyJump {jumps}", "is not [user@]host[:port], …", "see man ssh_config")
        user, host, port = found.groups()
        return self._hop(host.strip("[]"), ",".join(earlier), way, user or "", int(port or 0))

    def _known_hosts(self, found: Found, tokens: dict[str, str]) -> tuple[Path, ...]:
        if self.site.ssh.known_hosts is not None:
            return (self.site.ssh.known_hosts,)
        default = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")
        user = found.values.get("userknownhostsfile", default)
        system = found.values.get("globalknownhostsfile", ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"))
        return tuple(self._path(name, tokens) for name in (*user, *system) if name != "none")

    def _identities(self, found: Found, tokens: dict[str, str]) -> tuple[Path, ...]:
        if self.site.ssh.identity is not None:
            return (self.site.ssh.identity,)
        names = found.several.get("identityfile")
        if names:
            return tuple(self._path(name, tokens) for name in names if name != "none")
        return tuple(path for name in _DEFAULT_KEYS if (path := self.home / ".ssh" / name).is_file())

    def _agent(self, found: Found, tokens: dict[str, str]) -> str:
        written = found.first("identityagent")
        if not written or written == "SSH_AUTH_SOCK":
            return self.agent
        return "" if written == "none" else str(self._path(written, tokens))

    def _path(self, text: str, tokens: dict[str, str]) -> Path:
        name = expanded(text, tokens)
        return self.home / name[2:] if name.startswith("~/") else Path(name)


def _port(found: Found, name: str) -> int:
    text = found.first("port", "22")
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise BadConfiguration(f"ssh_config for {name}", f"Port {text} is no port", "see man ssh_config")
    return int(text)


def _jump_names(jumps: str) -> set[str]:
    """The hosts that a jump list names."""
    found = (_JUMP.fullmatch(jump.strip()) for jump in jumps.split(","))
    return {match[2].strip("[]") for match in found if match}


def _forwarder(command: str) -> str | None:
    """HOST of `ssh -W %h:%p [-q] HOST`, the usual way to write a jump before ProxyJump; None for anything else."""
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    if not words or words[0].rpartition("/")[2] != "ssh":
        return None
    hosts, user, port, forwards = [], "", "", False
    rest = words[1:]
    while rest:
        word, rest = rest[0], rest[1:]
        if word == "-W" and rest and rest[0] in ("%h:%p", "[%h]:%p"):
            forwards, rest = True, rest[1:]
        elif word in ("-q", "-T", "-a", "-x"):
            continue
        elif word in ("-l", "-p") and rest:
            user, port, rest = (rest[0], port, rest[1:]) if word == "-l" else (user, rest[0], rest[1:])
        elif word.startswith("-"):
            return None
        else:
            hosts.append(word)
    if not forwards or len(hosts) != 1:
        return None
    return (f"{user}@" if user and "@" not in hosts[0] else "") + hosts[0] + (f":{port}" if port else "")
