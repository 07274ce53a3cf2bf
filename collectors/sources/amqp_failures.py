"""What a broker's listener, or the way to it, says when something is wrong, in our words."""

from __future__ import annotations

import re
import ssl

from collectors.deadline import Deadline
from collectors.errors import NotUnderstood, Refused, SourceError, TooLate, Unreachable
from collectors.sources.http import cause
from collectors.untrusted import clipped, neutral

_QUOTED = re.compile(r"""\(\d{3}\) (["'])(.+?)\1""")
"""The broker's words inside pika's: `… error: ("ConnectionClosedByBroker: (403) 'ACCESS_REFUSED - …'",)`."""
TABLE = "[site.NAME.rabbitmq]"


def understood(error: BaseException, what: str, host: str, deadline: Deadline, *, silent: bool) -> SourceError | None:
    """Our error for one of pika's or of the way there; None for what is no failure of the broker at all.

    `silent`: not a byte came from the other side.
    """
    from pika import exceptions as pika

    if isinstance(error, SourceError):
        return error
    if isinstance(error, TimeoutError) or (deadline.expired and not _of_broker(error)):
        return too_late(what, deadline, host)
    match error:
        case ssl.SSLError():
            return Unreachable(what, f"TLS: {cause(error)}", f"set ca or amqp_tls in {TABLE}, or mend the certificate")
        case pika.ProbableAuthenticationError() | pika.AuthenticationError():
            return Refused(
                what, _said(error, "refuses user or password"), f"check amqp_user and amqp_password in {TABLE}"
            )
        case pika.ProbableAccessDeniedError() | pika.ConnectionOpenAborted():
            return Refused(
                what, _said(error, "refuses the virtual host"), f"rabbitmqctl set_permissions, or vhost in {TABLE}"
            )
        case pika.IncompatibleProtocolError() if silent:
            hint = "does it want TLS (amqp_tls), or is it a balancer with nobody behind it?"
            return Unreachable(what, "closed the connection without a greeting", hint)
        case pika.IncompatibleProtocolError() | pika.ProtocolVersionMismatch() | pika.ProtocolSyntaxError():
            return NotUnderstood(
                what, "does not speak AMQP 0-9-1", "is the port right? 5672 is the default, 5671 with TLS"
            )
        case pika.ConnectionClosedByBroker():
            return _closed(error, what)
        case pika.StreamLostError() | ConnectionResetError() | BrokenPipeError():
            return Unreachable(what, "the connection broke", f"look at its log; nephoscope get units host={host}")
        case pika.AMQPError():
            return NotUnderstood(what, _said(error, type(error).__name__), "nephoscope doctor")
        case OSError():
            return Unreachable(what, cause(error), f"is rabbitmq running there? nephoscope get units host={host}")
    return None


def too_late(what: str, deadline: Deadline, host: str) -> TooLate:
    """Nothing came."""
    hint = f"is the broker frozen, or its host down? nephoscope get hosts name={host}"
    return TooLate(what, f"no answer within {deadline.seconds:.0f} s", hint)


def _of_broker(error: BaseException) -> bool:
    """The broker itself has spoken."""
    from pika import exceptions as pika

    return isinstance(
        error, pika.ProbableAuthenticationError | pika.ProbableAccessDeniedError | pika.ConnectionClosedByBroker
    )


def _closed(error: BaseException, what: str) -> SourceError:
    """A `connection.close` with its code: 403 no access, 530 no such virtual host, 320 forced, 541 internal."""
    code = int(getattr(error, "reply_code", 0))
    words = _said(error, "closed the connection")
    if code in (402, 403, 530):
        return Refused(what, words, f"check amqp_user, amqp_password and vhost in {TABLE}", status=code)
    return Unreachable(what, words, "look at the broker's log", status=code)


def _said(error: BaseException, otherwise: str) -> str:
    """The broker's own words, one neutral line: it repeats the user's name, never a password."""
    text = getattr(error, "reply_text", "")
    if not text:
        inner = _QUOTED.search(str(error))
        text = inner[2] if inner is not None else ""
    return clipped(neutral(" ".join(str(text).split())), 200) or otherwise
