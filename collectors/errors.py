"""What can go wrong between us and a system, as one small tree.

    SourceError
    ├── Unreachable        no connection, TLS failure, or the service itself says it cannot serve (5xx)
    │   ├── TooLate        the deadline passed; the socket was closed
    │   └── CircuitOpen    not tried: it failed three times and is resting
    ├── Refused            401, 403, wrong password, sudo, unknown or changed host key
    ├── NotUnderstood      an answer arrived that is not what the protocol says
    ├── NoSuchObject       the thing asked for does not exist
    ├── OurBug             nothing is wrong there: this program is
    └── BadConfiguration   what we were told about the site cannot be used
        └── NotOffered     the catalogue has no such service in this region

Each says what failed, why, what to try next and, where the service gave one, its request id: the person reading it is
under stress and must not have to guess. Secrets never enter an error.
"""

from __future__ import annotations

import traceback


class SourceError(Exception):
    """Something between us and one system failed.

    `what` names the thing (system and address), `why` says the cause in its own words, `hint` the next step.
    """

    def __init__(self, what: str, why: str, hint: str = "", *, request_id: str = "", status: int = 0) -> None:
        super().__init__(what, why, hint)
        self.what = what
        self.why = why
        self.hint = hint
        self.request_id = request_id
        self.status = status

    def __str__(self) -> str:
        text = f"{self.what}: {self.why}"
        if self.request_id:
            text += f" (request {self.request_id})"
        return f"{text.removesuffix('.')}. Try: {self.hint}" if self.hint else text


class Unreachable(SourceError):
    """No usable answer: connection refused, no route, TLS failure, or a 5xx."""


class TooLate(Unreachable):
    """The whole read did not finish by its deadline."""


class CircuitOpen(Unreachable):
    """Not tried, because the last attempts failed; `retry_at` is the monotonic second of the next attempt."""

    def __init__(self, what: str, why: str, hint: str = "", *, retry_at: float) -> None:
        super().__init__(what, why, hint)
        self.retry_at = retry_at


class Refused(SourceError):
    """The system answered and said no: authentication, authorisation, sudo or a host key."""


class NotUnderstood(SourceError):
    """The answer is not what the protocol says (HTML for JSON, too large, cut off)."""


class NoSuchObject(SourceError):
    """The object asked for does not exist."""


class OurBug(SourceError):
    """An exception that nobody expected, shown where it happened: a read that fails in silence would be waited for.

    Its message stays out, since it may hold a secret; `details` is the traceback without values.
    """

    def __init__(self, what: str, error: Exception) -> None:
        last = traceback.extract_tb(error.__traceback__)[-1:]
        where = f" at {last[0].filename}:{last[0].lineno}" if last else ""
        super().__init__(
            what, f"this is a bug of ours: {type(error).__name__}{where}", "please report it; r reads it again"
        )
        self.details = "".join(traceback.format_tb(error.__traceback__))


class BadConfiguration(SourceError):
    """Configuration that cannot be used: missing, broken, or unsafe."""


class NotOffered(BadConfiguration):
    """The catalogue has no such service in this region: nothing is broken, there is nothing to read."""


class UsageError(Exception):
    """What was asked for is not something we know: kind, column, filter, host. `hint` lists what would do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}. {self.hint}" if self.hint else self.message
