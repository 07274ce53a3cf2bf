"""TCP connections that can be given up: within a limit of time, and at once when the read is cancelled.

A connection attempt to a machine that is off waits for minutes in the kernel. Its socket is guarded by the read's
deadline, so that closing the console does not wait for it.
"""

from __future__ import annotations

import socket

from collectors.deadline import Deadline


def dialled(address: str, port: int, limit: Deadline, deadline: Deadline) -> socket.socket:
    """A connection to the first of the address's addresses that answers within `limit`. Raises OSError."""
    failure: OSError = OSError(f"{address} has no address")
    for family, kind, protocol, _, target in socket.getaddrinfo(address, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        key = deadline.guard_socket(sock)
        try:
            sock.settimeout(limit.remaining())
            sock.connect(target)
            if not deadline.expired:  # an attempt that was given up looks like a success
                return sock
            failure = TimeoutError("given up")
            sock.close()
        except OSError as error:
            failure = error
            sock.close()
        finally:
            deadline.release(key)
        if deadline.expired:
            break
    raise failure
