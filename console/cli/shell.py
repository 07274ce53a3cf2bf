"""`nephoscope shell HOST [NAMESPACE]`: a shell there, on the way on which everything is read."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from console.cli.exits import Exit


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of `shell`."""
    parser.add_argument("host", metavar="HOST", help="a host of the site")
    parser.add_argument("namespace", metavar="NAMESPACE", nargs="?", default="", help="a network namespace on it")


def run(options: Any) -> Exit:
    """Open it; returns when it is left."""
    from console.config import load_settings
    from console.shells import open_shell
    from console.wiring import connect

    connections = connect(options)
    try:
        read_only = options.read_only or load_settings(options.environ).read_only
        trouble = open_shell(connections, options.host, options.namespace, read_only=read_only)
    finally:
        connections.close()
    if trouble:
        print(f"nephoscope: {trouble}", file=sys.stderr)
        return Exit.UNREACHABLE
    return Exit.DONE
