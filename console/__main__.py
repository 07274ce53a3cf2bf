"""The command `nephoscope`: parse the arguments, run one command, turn what went wrong into words and an exit code.

Each command is a module of `console/cli/` that is imported only when it is asked for: start-up time is a feature.
stdout is data, stderr is talk.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from collectors.errors import OurBug, SourceError, UsageError
from collectors.untrusted import neutral
from console.cli.exits import Exit, exit_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    # Looking for cycles among the thousands of objects that imports make costs a seventh of a short command's time;
    # the console itself, which stays, turns the collector on again.
    gc.disable()
    try:
        from console.cli.frame import run

        code = run(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
        return int(code)
    except (UsageError, SourceError) as error:
        print(f"nephoscope: {neutral(str(error))}", file=sys.stderr)
        if isinstance(error, OurBug) and os.environ.get("NEPHOSCOPE_DEBUG"):
            print(error.details, file=sys.stderr)
        return int(exit_of(error))
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(Exit.DONE)
    except Exception as error:
        if os.environ.get("NEPHOSCOPE_DEBUG"):
            raise
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f" at {place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place is not None else ""
        print(f"nephoscope: this is a bug of ours: {type(error).__name__}{where}", file=sys.stderr)
        print("Please report it; NEPHOSCOPE_DEBUG=1 prints the traceback.", file=sys.stderr)
        return int(Exit.BUG)


def command() -> NoReturn:
    """The installed command: `main`, then leave without taking apart what is thrown away anyway.

    That, and the interpreter's last search for cycles, would cost a quarter of a short command's time.
    """
    code = main()
    if all(thread.daemon or thread is threading.main_thread() for thread in threading.enumerate()):
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(code)
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    command()
