"""Databases and their accounts in the Galera cluster, and the programs that make the tables in them."""

from __future__ import annotations

from collections.abc import Sequence

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine


def statements(user: str, password: str, names: Sequence[str]) -> str:
    """SQL that makes empty databases and the account that may do everything in them."""
    lines = [f"CREATE USER IF NOT EXISTS '{user}'@'%' IDENTIFIED BY '{password}';"]
    for name in names:
        lines.append(f"DROP DATABASE IF EXISTS `{name}`;")
        lines.append(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb3;")
        lines.append(f"GRANT ALL PRIVILEGES ON `{name}`.* TO '{user}'@'%';")
    return "\n".join(lines) + "\n"


def databases(lab: Lab, user: str, *names: str) -> None:
    """Make a service's databases (called like the service unless they are named), empty.

    For the beginning of what is done once: the tables of an interrupted beginning could not be gone on with.
    """
    sql = statements(user, lab.secrets[f"{user}_database"], names or (user,))
    lab.control[0].run("mariadb", "--connect-timeout=10", input=sql)


def manage(lab: Lab, machine: Machine, *words: str, seconds: float = 300, env: dict[str, str] | None = None) -> str:
    """Run one of the environment's programs on a host and give what it said; `words[0]` is its name."""
    settings = {"PATH": f"{lab.venv}/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONDONTWRITEBYTECODE": "1", **(env or {})}
    return machine.run(f"{lab.venv}/bin/{words[0]}", *words[1:], seconds=seconds, env=settings).out
