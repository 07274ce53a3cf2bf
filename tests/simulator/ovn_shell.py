"""Lines in the shells of a simulated cloud's hosts, without any connection."""

from __future__ import annotations

import io

from collectors.sources.entries import command
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.ssh.program import ACCOUNTS, Place
from runbooks.simulator.ssh.shell import Shell


def shell(model: Cloud, words: str, host: str = "ctl01", user: str = "root") -> tuple[int, str, str]:
    """(status, output, errors) of a line."""
    out, err = io.BytesIO(), io.BytesIO()
    status = Shell(Place(model, model.hosts[host], ACCOUNTS[user])).run_to_end(words, out, err, b"")
    return status, out.getvalue().decode(), err.getvalue().decode()


def entry(model: Cloud, name: str, host: str) -> tuple[int, str, str]:
    """A command of ours there."""
    return shell(model, " ".join(f"'{word}'" for word in command(name).words), host)


def pass_time(model: Cloud, seconds: float) -> None:
    model.clock.advance(seconds)
    model.catch_up()
