"""Opening a shell on a host of the site, from the command line or the console: may we, how, and what came of it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from collectors.connections import Connections
from collectors.errors import BadConfiguration, Refused, UsageError
from collectors.sources.ssh_program import configuration, shell_command

_NO_CONNECTION = 255
"""OpenSSH's own failure, as opposed to the status of the last command in the shell."""


def refusal(connections: Connections, *, read_only: bool) -> str:
    """Why no shell may be opened here, as a sentence; empty when it may: in a shell anything can be changed."""
    site = connections.site
    if read_only:
        return "read-only: a shell could change things, so none is opened; leave out --read-only"
    if site.protection == "read-only":
        where = site.origin or "nephoscope.toml"
        return f'{site.cloud} has protection = "read-only" in {where}: a shell could change things, so none is opened'
    return ""


def open_shell(connections: Connections, host: str, namespace: str = "", *, read_only: bool) -> str:
    """Run it on this terminal until it is left; returns what to say afterwards, empty when all went well.

    Raises `Refused`, `UsageError`, `BadConfiguration`.
    """
    why = refusal(connections, read_only=read_only)
    if why:
        raise Refused(f"shell on {host}", why)
    names = list(connections.site.hosts)
    if host not in names:
        some = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
        raise UsageError(f"{host} is no host of {connections.site.cloud or 'this site'}", f"Hosts: {some or 'none'}")
    if shutil.which("ssh") is None:
        raise BadConfiguration("ssh", "this machine has no OpenSSH client", "install openssh-client")
    hop = connections.ssh().hop(host)
    with tempfile.TemporaryDirectory(prefix="nephoscope-") as folder:
        config = Path(folder) / "ssh_config"
        config.touch(0o600)
        config.write_text(configuration(hop))
        status = subprocess.run(shell_command(config, hop, namespace), check=False).returncode
    if status == _NO_CONNECTION:
        return f"ssh to {hop.title} failed; nephoscope doctor says why"
    return ""
