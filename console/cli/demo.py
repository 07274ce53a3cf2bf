"""`nephoscope demo`: a simulated cloud of its own, and the console on it. Both end together; nothing is left behind."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from console.cli import grounds, simulator
from console.cli.exits import Exit


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of `demo`."""
    simulator.add_shape(parser)


def run(options: Any) -> Exit:
    """Start, show, stop."""
    from console.cli import console

    state = Path(tempfile.mkdtemp(prefix="nephoscope-demo-"))
    try:
        print("starting a simulated cloud …", file=sys.stderr)
        grounds.start(simulator.MODULE, state, simulator.sizes(options))
        try:
            # openstacksdk's loader of clouds.yaml reads the process's own environment, not what we pass around.
            os.environ.update(grounds.exports(state, simulator.CLOUD))
            options.environ = dict(os.environ)
            options.cloud = options.region = None
            print(f"break it from another terminal: nephoscope simulator fault list --state {state}", file=sys.stderr)
            return console.run(options)
        finally:
            grounds.stop(state)
    finally:
        shutil.rmtree(state, ignore_errors=True)
