"""`python -m runbooks.simulator up --state DIR`: a simulated cloud in the foreground until `stop` or SIGTERM.

When everything answers, one JSON line on stdout says where it is and what a client exports.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

from runbooks.simulator import state
from runbooks.simulator.clock import Clock
from runbooks.simulator.control import Control
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.server import Simulator

NETS = range(1, 255)
LOCK_PORT = 7777
"""Bound on 127.77.N.1 by the run that has the network N."""
MAX_COMPUTES = 10_000
MAX_SERVERS = 260_000
HYPERCONVERGED_LEAST = 3


def main(argv: list[str] | None = None) -> int:
    """Exit status: 0 stopped, 64 usage, 69 no network free, 78 state folder."""
    parser = _parser()
    given = parser.parse_args(argv)
    if given.hyperconverged and given.computes < HYPERCONVERGED_LEAST:
        parser.error(f"--hyperconverged needs {HYPERCONVERGED_LEAST} computes, one for each monitor")
    folder = Path(given.state).absolute()
    try:
        lock, net = _lock(given.net)
    except OSError as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 69
    with lock:
        try:
            state.claim(folder)
        except (state.StateError, OSError) as error:
            print(f"simulator: {error}", file=sys.stderr)
            return 78
        try:
            layout = Layout(
                net,
                given.computes,
                further=given.further,
                hyperconverged=given.hyperconverged,
                network=given.network,
                kept=given.kept,
            )
            asyncio.run(_run(folder, layout, Seed(given.seed), given.servers))
        finally:
            state.release(folder)
    return 0


class _Parser(argparse.ArgumentParser):
    """Exits 64 for wrong usage, as all of our commands do."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(64, f"{self.prog}: error: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m runbooks.simulator", description="A simulated OpenStack cloud.")
    commands = parser.add_subparsers(required=True)
    up = commands.add_parser("up", help="run in the foreground until stopped")
    up.add_argument("--state", required=True, metavar="DIR", help="folder for what clients need (made, 0700)")
    up.add_argument("--computes", type=_number(1, MAX_COMPUTES), default=4, metavar="N", help="default 4")
    up.add_argument("--servers", type=_number(0, MAX_SERVERS), default=40, metavar="M", help="default 40")
    up.add_argument("--further", action="store_true", help="with Octavia, Designate, Manila and Barbican")
    up.add_argument("--hyperconverged", action="store_true", help="Ceph on the first three computes")
    up.add_argument("--network", choices=("ovs", "ovn"), default="ovs", help="what Neutron uses (default ovs)")
    up.add_argument("--kept", action="store_true", help="systemd keeps the containers, as Kolla has it since 2023.1")
    up.add_argument("--seed", type=int, default=0, metavar="S", help="same seed, same ids (default 0)")
    up.add_argument(
        "--net", type=_number(1, 254), default=None, metavar="N", help="127.77.N.0/24 (default: a free one)"
    )
    return parser


def _number(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        found = int(text)
        if not least <= found <= most:
            raise argparse.ArgumentTypeError(f"must be between {least} and {most}")
        return found

    return number


def _lock(wanted: int | None) -> tuple[socket.socket, int]:
    """A network that is ours as long as the socket is open. Raises OSError when none is free."""
    for net in [wanted] if wanted else NETS:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            sock.bind((f"127.77.{net}.1", LOCK_PORT))
        except OSError:
            sock.close()
            continue
        return sock, net
    raise OSError(f"127.77.{wanted}.0/24 is in use by another simulator" if wanted else "no 127.77.N.0/24 is free")


async def _run(folder: Path, layout: Layout, seed: Seed, servers: int) -> None:
    simulator = Simulator(layout, seed, Clock(), servers)
    control = Control(simulator)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, control.stopped.set)
    run = uuid4().hex
    try:
        await simulator.start()
        state.write_all(folder, simulator.clouds, simulator.keys, run)
        await control.start(folder / "control.sock")
        gc.freeze()  # the model lives as long as the process: nothing of it to collect
        ready = {
            "ready": True,
            "state": str(folder),
            "run": run,
            "net": layout.net,
            "vip": layout.vip,
            "environment": state.environment(folder),
        }
        print(json.dumps(ready), flush=True)
        await control.stopped.wait()
    finally:
        await control.close()
        simulator.stop()


if __name__ == "__main__":
    sys.exit(main())
