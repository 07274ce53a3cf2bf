"""What all tests need of the process that they run in."""

from __future__ import annotations

import signal
import threading


def pytest_configure() -> None:
    """Commands that tests interrupt must heed it: one that is started where SIGINT is ignored ignores it as well."""
    in_front = threading.current_thread() is threading.main_thread()
    if in_front and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
