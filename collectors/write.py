"""The only way to change anything: one call, once, under a deadline. Only operations come here (a test reads imports).

A call is never repeated here or below, whatever happens: an error that leaves open whether it was carried out is told
by `may_have_happened`, and whoever wants to know looks it up in the cloud.
"""

from __future__ import annotations

from collectors.call import Answer, Call, HostCall, ManagementCall, RestCall, SqlCall
from collectors.connections import Connections
from collectors.deadline import working
from collectors.errors import CircuitOpen, OurBug, SourceError, Unreachable


def write(connections: Connections, call: Call, seconds: float) -> Answer:
    """Carry out `call` within `seconds`. Raises `SourceError`; see `may_have_happened`."""
    try:
        with working(connections.deadline(seconds)) as held:
            match call:
                case RestCall():
                    from collectors.sources.openstack_write import written as rest

                    return rest(connections, call, held)
                case ManagementCall():
                    from collectors.sources.rabbitmq_write import written as management

                    return management(connections.system("rabbitmq"), call, held)
                case SqlCall():
                    from collectors.sources.galera_write import written as sql

                    return sql(connections.system("galera"), call, held)
                case HostCall():
                    from collectors.sources.ssh_write import written as host

                    return host(connections.ssh(), call, held)
    except SourceError:
        raise
    except Exception as error:
        raise OurBug(f"a {type(call).__name__}", error) from error


def may_have_happened(error: SourceError) -> bool:
    """Whether the call may have been carried out although we got this instead of an answer.

    A refusal (4xx, an exit status, an error of SQL) means no. A lost connection, a deadline, a 5xx and a bug of ours
    leave it open: with the message broker down, Nova answers 500 or not at all to a POST that has created a server.
    """
    if isinstance(error, CircuitOpen):
        return False
    return isinstance(error, Unreachable | OurBug)
