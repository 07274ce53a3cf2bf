"""Packages of others that are first imported on threads: one thread at a time imports, and finds them whole.

Where two threads come to parts of a package in different orders, Python (importlib's `_lock_unlock_module`) ends their
waiting for each other by giving one of them a module that is half made: pymysql without its classes and PyYAML without
its node types were both seen on a busy machine.
"""

from __future__ import annotations

import importlib
import sys
import threading

IMPORTING = threading.RLock()
"""Held while a package of others is imported."""


def whole(*names: str) -> None:
    """Have these modules imported, each with what it imports itself. Raises `ImportError`."""
    with IMPORTING:
        for name in names:
            if name not in sys.modules:
                importlib.import_module(name)
