"""`python -m runbooks.lab up|down|destroy|status|serve --state DIR`: a real cloud on this machine."""

from __future__ import annotations

import signal
import sys

if __name__ == "__main__":
    # Until the command has its own way with interruptions, they just end us: Python would lose some during imports.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from runbooks.lab.command import main

    sys.exit(main())
