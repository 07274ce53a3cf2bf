"""What a database member, or the way to it, says when something is wrong, in our words."""

from __future__ import annotations

import ssl
import struct

from collectors.deadline import Deadline
from collectors.errors import BadConfiguration, NotUnderstood, Refused, SourceError, TooLate, Unreachable
from collectors.sources.galera_session import CAP, CleartextError, NoAnswerError, TooMuchError
from collectors.sources.http import cause
from collectors.untrusted import clipped, neutral

_DENIED = frozenset({1044, 1045, 1130, 1142, 1143, 1227, 1370, 1698, 1820, 1862, 3118})
"""Wrong password, host not allowed, privilege missing, account locked or expired."""
_FULL = frozenset({1040, 1203, 1226})
_LOST = frozenset({2003, 2006, 2013, 2014})
_ENDED = frozenset({1317, 1969, 3024})
"""The server ended our statement: killed, or longer than max_statement_time."""
_TLS = 2026
GARBAGE = (struct.error, IndexError, ValueError, TypeError, AssertionError, LookupError)
"""What pymysql raises for bytes that are no MySQL protocol."""


def understood(error: Exception, what: str, member: str, deadline: Deadline) -> Exception:
    """Our error for whatever a read of `member` raised; one of our own making is returned unchanged."""
    from pymysql import err

    if isinstance(error, SourceError):
        return error
    if isinstance(error, NoAnswerError):
        why = f"no answer to a connection attempt within {error.args[0]:.0f} s"
        return Unreachable(what, why, f"is its host up? nephoscope get hosts name={member}")
    if deadline.expired and isinstance(error, (err.MySQLError, OSError, *GARBAGE)):
        return _too_late(what, deadline)
    match error:
        case TooMuchError():
            return NotUnderstood(what, f"the answer is larger than {CAP >> 20} MiB", "narrow it with a filter")
        case CleartextError():
            hint = "is this really the database? its account must use mysql_native_password, ed25519 or caching_sha2"
            return Refused(what, "asks for the password in the clear: not sent", hint)
        case ssl.SSLError():
            return Unreachable(what, f"TLS: {cause(error)}", "set ca in [site.NAME.galera], or mend the certificate")
        case TimeoutError():
            return _too_late(what, deadline)
        case ConnectionResetError() | BrokenPipeError() | ConnectionAbortedError():
            # Whether a reset is seen by connect, by a read or by a write is a matter of microseconds: one word for all.
            return _broke(what, member)
        case OSError():
            return Unreachable(what, cause(error), f"is mariadb running there? nephoscope get units host={member}")
        case err.MySQLError():
            return _of_server(error, what, member, deadline)
        case RuntimeError() if "cryptography" in str(error) or "nacl" in str(error).lower():
            return BadConfiguration(what, clipped(neutral(str(error)), 200), "install it, or use another account")
        case _ if isinstance(error, GARBAGE):
            return NotUnderstood(what, "does not speak the MySQL protocol", "is the port right? 3306 is the default")
    return error


def _too_late(what: str, deadline: Deadline) -> TooLate:
    hint = "is mariadb frozen? its unit may still be active; ssh there and look"
    return TooLate(what, f"no answer within {deadline.seconds:.0f} s", hint)


def _broke(what: str, member: str) -> Unreachable:
    return Unreachable(what, "the connection broke", f"look at its log; nephoscope get units host={member}")


def _of_server(error: Exception, what: str, member: str, deadline: Deadline) -> SourceError:
    """An error packet, or pymysql's own complaint."""
    code, said = _parts(error)
    words = f"{said} (error {code})" if code else said
    if code in _DENIED:
        hint = "check user and password in [site.NAME.galera]" if code in (1045, 1698) else "GRANT it, or ask a reader"
        return Refused(what, words, hint, status=code)
    if code in _FULL:
        return Unreachable(what, words, "see who holds them: nephoscope get db-processes", status=code)
    if code == 1129:
        return Refused(what, words, "FLUSH HOSTS there, after mending what failed to connect", status=code)
    if code == 1047:
        hint = "it is not part of the Primary component: see the other members before you do anything"
        return Unreachable(what, words, hint, status=code)
    if code in _ENDED:
        return TooLate(what, words, "the server is busy, or somebody killed our statement", status=code)
    if code == _TLS:
        return Unreachable(what, "TLS: it offers none", "set tls = false in [site.NAME.galera], or configure it there")
    original = getattr(error, "original_exception", None)
    if isinstance(original, Exception):
        inner = understood(original, what, member, deadline)
        if isinstance(inner, SourceError):
            return inner
    if code in _LOST:
        if "timed out" in said:
            return _too_late(what, deadline)
        return _broke(what, member)
    if "sequence number" in said or not code:
        return NotUnderstood(what, "does not speak the MySQL protocol", "is the port right? 3306 is the default")
    return NotUnderstood(what, words, "nephoscope doctor", status=code)


def _parts(error: Exception) -> tuple[int, str]:
    """(number, words) of a pymysql error."""
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    said = str(error.args[1]) if len(error.args) > 1 else str(error)
    return code, clipped(neutral(said), 300)
