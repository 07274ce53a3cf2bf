"""Proving who we are to an SSH server: keys of the agent and of identity files, in OpenSSH's order. No passwords.

A key file that needs a passphrase is passed over unless the agent holds it, and the refusal says so.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collectors.deadline import Deadline
from collectors.errors import Refused, SourceError, TooLate, Unreachable
from collectors.sources.routes import Hop
from collectors.untrusted import clipped, neutral

if TYPE_CHECKING:
    from paramiko import PKey, Transport

_AGENT_SECONDS = 5.0

# paramiko's thread logs every failed handshake with a traceback; we report failures ourselves.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


def login(transport: Transport, hop: Hop, deadline: Deadline) -> str:
    """Log in at `hop`; returns what proved it (`agent key SHA256:…`). Raises `Refused` or paramiko's exceptions."""
    from paramiko import AuthenticationException, BadAuthenticationType

    tried: list[str] = []
    notes: list[str] = []
    with closing(_agent_socket(hop, notes)) as agent:
        for label, key in _candidates(hop, agent, notes):
            transport.auth_timeout = min(deadline.remaining(), 30.0)
            try:
                further = transport.auth_publickey(hop.user, key)
            except BadAuthenticationType as error:
                allowed = ", ".join(error.allowed_types)
                why = f"only by {allowed}, which the console does not do"
                raise Refused(
                    f"login {hop.user}@{hop.title}", why, "allow public keys for this user in sshd_config"
                ) from error
            except AuthenticationException:
                tried.append(label)
                if deadline.expired:
                    hint = "is the host overloaded?"
                    raise Unreachable(f"ssh {hop.title}", "did not answer to our key in time", hint) from None
                if transport.is_active():
                    continue
                notes.append("the server hung up after that many tries: name one key as ssh.identity")
                break
            if further:
                why = f"the key is not enough, it also wants {', '.join(further)}"
                raise Refused(f"login {hop.user}@{hop.title}", why, "use a login that needs only a key")
            return label
    offered = f"none of our keys is accepted (tried {', '.join(tried)})" if tried else "we have no key to offer"
    raise Refused(
        f"login {hop.user}@{hop.title}",
        "; ".join([offered, *notes]),
        "ssh-add a key that the host accepts, or name it as ssh.identity of the site or IdentityFile in ssh_config; "
        "check the user",
    )


def _candidates(hop: Hop, sock: socket.socket, notes: list[str]) -> Iterator[tuple[str, PKey]]:
    """Keys to offer: the agent's that identity files name, the agent's others, then the files themselves."""
    agent = _agent_keys(hop, sock, notes)
    named = {blob for path in hop.identities if (blob := _public_blob(path)) is not None}
    preferred = [key for key in agent if key.asbytes() in named]
    others = [] if hop.identities_only else [key for key in agent if key.asbytes() not in named]
    offered = set()
    for key in [*preferred, *others]:
        offered.add(key.asbytes())
        yield f"the agent's {_named(key)}", key
    for path in hop.identities:
        if _public_blob(path) in offered:
            continue
        found = _load(path, notes)
        if found is not None and found.asbytes() not in offered:
            yield str(path), found


def _named(key: Any) -> str:
    from collectors.sources.host_keys import fingerprint

    comment = clipped(neutral(str(getattr(key, "comment", "") or "")), 40)
    return f"{comment or key.get_name()} {fingerprint(key.asbytes())}"


def _agent_socket(hop: Hop, notes: list[str]) -> socket.socket:
    """A connection to the agent at `hop.agent`; not connected when there is none."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(_AGENT_SECONDS)
    if hop.agent and sock.connect_ex(hop.agent) != 0:
        notes.append(f"the agent at {hop.agent} does not answer")
    return sock


def _agent_keys(hop: Hop, sock: socket.socket, notes: list[str]) -> list[Any]:
    """The keys that the agent holds."""
    from paramiko import SSHException
    from paramiko.agent import AgentSSH

    if not hop.agent or not _connected(sock):
        return []
    agent = AgentSSH()
    try:
        agent._connect(sock)  # type: ignore[attr-defined]  # the public class only knows SSH_AUTH_SOCK
    except (OSError, SSHException) as error:
        notes.append(f"the agent at {hop.agent} does not answer ({error})")
        return []
    return list(agent.get_keys())


def _connected(sock: socket.socket) -> bool:
    try:
        sock.getpeername()
    except OSError:
        return False
    return True


def _public_blob(path: Path) -> bytes | None:
    """The public half of an identity: the `.pub` file beside it, or the file itself if it is one."""
    import base64

    try:
        public = path if path.suffix == ".pub" else path.with_name(path.name + ".pub")
        words = public.read_text().split()
        return base64.b64decode(words[1], validate=True)
    except (OSError, ValueError, IndexError):
        return None


def _load(path: Path, notes: list[str]) -> PKey | None:
    """The private key in `path`, with its certificate if one lies beside it; None, and a note, when it is unusable."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from paramiko import PasswordRequiredException, PKey, SSHException

    if path.suffix == ".pub":
        return None  # IdentityFile may name a public key, to choose one of the agent's
    try:
        return PKey.from_path(str(path))
    except FileNotFoundError:
        notes.append(f"{path} does not exist")
    except OSError as error:
        notes.append(f"{path}: {error.strerror}")
    except (PasswordRequiredException, TypeError):
        notes.append(f"{path} needs a passphrase: ssh-add it")
    except (SSHException, ValueError, UnsupportedAlgorithm) as error:
        notes.append(f"{path} is no usable key ({clipped(neutral(str(error)), 80)})")
    return None


def late(hop: Hop, deadline: Deadline) -> TooLate:
    """Our error when the time was over before `hop` had let us in."""
    return TooLate(f"ssh {hop.title}", f"did not finish within {deadline.seconds:g} s", f"ssh -v {hop.name} true")


def explained(error: Exception, hop: Hop, deadline: Deadline) -> SourceError:
    """Our error for what went wrong while connecting to `hop`."""
    what = f"ssh {hop.title}"
    if isinstance(error, SourceError):
        return error
    if deadline.expired:
        return late(hop, deadline)
    text = clipped(neutral(str(error)), 200)
    match error:
        case ConnectionRefusedError():
            return Unreachable(what, "connection refused", "is sshd running there, and the port right?")
        case TimeoutError():
            return Unreachable(what, "no answer to the connection attempt", "is the host up? is a firewall in between?")
        case socket.gaierror():
            hint = f"give [site.NAME.hosts.{hop.name}] an address, or ssh_config a HostName"
            return Unreachable(what, f"the name {hop.address} is not known ({error.strerror})", hint)
        case ConnectionResetError() | EOFError() | BrokenPipeError():
            return Unreachable(what, "the connection was cut", "look at sshd's log there: journalctl -u ssh")
        case _ if "reset by peer" in text or "Broken pipe" in text:  # inside paramiko's own words
            return Unreachable(what, "the connection was cut", "look at sshd's log there: journalctl -u ssh")
        case OSError():
            return Unreachable(what, error.strerror or text, "is the host up, and the network between?")
        case _ if "banner" in text or "Negotiation failed" in text:
            return Unreachable(
                what, "accepts connections, but does not speak SSH", "is it really sshd? it may be frozen or overloaded"
            )
        case _:
            return Unreachable(what, text or type(error).__name__, f"ssh -v {hop.name} true")
