"""Exit codes: the contract of the command line, in one place. docs/commands.md is generated from this table."""

from __future__ import annotations

from enum import IntEnum

from collectors.errors import (
    BadConfiguration,
    NoSuchObject,
    NotUnderstood,
    OurBug,
    Refused,
    SourceError,
    Unreachable,
    UsageError,
)


class Exit(IntEnum):
    """What a finished command tells its caller."""

    DONE = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3
    NOT_VERIFIED = 5
    GUARD = 6
    USAGE = 64
    NOT_UNDERSTOOD = 65
    NO_SUCH_OBJECT = 66
    UNREACHABLE = 69
    BUG = 70
    PARTIAL = 75
    REFUSED = 77
    CONFIGURATION = 78
    TIME_LIMIT = 124
    INTERRUPTED = 130


MEANING: dict[Exit, str] = {
    Exit.DONE: "done and complete (also no rows, also odd rows); `health`: everything is ok",
    Exit.WARNING: "`health`, `doctor`: the worst is a warning; `journal verify`: a write was cut off",
    Exit.CRITICAL: "`health`, `doctor`: the worst is critical; `journal verify`: tampered with, or cut",
    Exit.UNKNOWN: "`health`, `doctor`: something could not be read",
    Exit.NOT_VERIFIED: "`do`: done, but not proved; or it failed half-way",
    Exit.GUARD: "`do`: refused by a guard, nothing was done",
    Exit.USAGE: "usage: unknown kind, column, filter or option; ambiguous name",
    Exit.NOT_UNDERSTOOD: "an answer arrived that we do not understand",
    Exit.NO_SUCH_OBJECT: "no such object",
    Exit.UNREACHABLE: "a system is unreachable, or too late",
    Exit.BUG: "our bug",
    Exit.PARTIAL: "partial: rows are printed, stderr names what is missing",
    Exit.REFUSED: "refused: 401, 403, sudo, host key",
    Exit.CONFIGURATION: "configuration is missing, broken or unsafe",
    Exit.TIME_LIMIT: "the time limit given with --timeout passed",
    Exit.INTERRUPTED: "ctrl-c, SIGTERM or a lost terminal; `do`, `undo`: between two steps, stderr says how to go on",
}

_OF_ERROR: tuple[tuple[type[Exception], Exit], ...] = (
    (UsageError, Exit.USAGE),
    (OurBug, Exit.BUG),
    (Refused, Exit.REFUSED),
    (NoSuchObject, Exit.NO_SUCH_OBJECT),
    (NotUnderstood, Exit.NOT_UNDERSTOOD),
    (Unreachable, Exit.UNREACHABLE),
    (BadConfiguration, Exit.CONFIGURATION),
    (SourceError, Exit.UNREACHABLE),
)


def exit_of(error: Exception) -> Exit:
    """The exit code that `error` means. Guards that closed after the plan was shown are guards too."""
    if getattr(error, "guards", ()):
        return Exit.GUARD
    return next((code for kind, code in _OF_ERROR if isinstance(error, kind)), Exit.BUG)
