"""Looking up names without waiting for a resolver that does not answer.

`getaddrinfo` cannot be interrupted and may take half a minute when the site's name servers are part of the outage. So
it runs on a thread that nobody joins: who asked goes on at the limit, and the thread ends when the resolver gives up.
"""

from __future__ import annotations

import queue
import socket
import threading
from ipaddress import ip_address


def _is_address(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def lookup(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of `host`, in the resolver's order. Raises `socket.gaierror`, also when it takes too long."""
    if _is_address(host):
        return [host]
    found: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put(list(dict.fromkeys(str(answer[4][0]) for answer in answers)))
        except (OSError, UnicodeError) as error:
            found.put(error if isinstance(error, OSError) else socket.gaierror(socket.EAI_NONAME, "no usable name"))

    threading.Thread(target=ask, name=f"lookup {host}", daemon=True).start()
    try:
        answer = found.get(timeout=seconds)
    except queue.Empty:
        why = f"its name was not looked up within {seconds:.0f} s: do the name servers answer?"
        raise socket.gaierror(socket.EAI_AGAIN, why) from None
    if isinstance(answer, OSError):
        raise answer
    return answer
