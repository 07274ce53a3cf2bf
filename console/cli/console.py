"""The console itself: `nephoscope` without a command opens the screen."""

from __future__ import annotations

import sys
from typing import Any

from collectors.errors import UsageError
from console.cli.exits import Exit


def run(options: Any) -> Exit:
    """Open the console on the cloud that `options` name; returns when the person leaves."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "the console wants a terminal",
            "For scripts: `nephoscope get`, `describe`, `health`; see `nephoscope --help`",
        )
    from console.opening import open_console

    return open_console(options)
