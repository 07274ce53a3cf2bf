"""Carries frames between two network devices, each some milliseconds late: `python relay.py CABLE INNER MS`.

Frames travel with the kernel's own header of what is still to be done to them (checksums, segments), so that what
the sender left to the device is done by the next one. When the host's cable is gone, the lab is: the other device is
removed, and the process ends.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import sys
import time
from collections import deque

SOL_PACKET = 263
PACKET_VNET_HDR = 15
PACKET_IGNORE_OUTGOING = 23
ETH_P_ALL = 0x0003
LARGEST = 1 << 17
LOOK = 1.0
"""How often, in seconds, an idle relay looks whether its devices still exist."""
LONGEST_QUEUE = 4000
"""Frames that wait; what is more is lost, as in any device."""


def device(name: str) -> socket.socket:
    """Everything that arrives at a device, and a way to send there."""
    found = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    found.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    found.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    found.bind((name, 0))
    found.setblocking(False)
    return found


def present(name: str) -> bool:
    """True while there is such a device."""
    return os.path.exists(f"/sys/class/net/{name}")


def carry(names: tuple[str, str], seconds: float) -> None:
    """Until a device is gone, or the process is ended."""
    one, other = (device(name) for name in names)
    waiting: deque[tuple[float, socket.socket, bytes]] = deque()
    to = {one: other, other: one}
    while True:
        left = max(0.0, waiting[0][0] - time.monotonic()) if waiting else LOOK
        ready, _, _ = select.select([one, other], [], [], left)
        if not ready and not all(present(name) for name in names):
            return
        for source in ready:
            try:
                frame = source.recv(LARGEST)
            except OSError:  # nothing there after all, or the device is down
                continue
            if len(waiting) < LONGEST_QUEUE:
                waiting.append((time.monotonic() + seconds, to[source], frame))
        while waiting and waiting[0][0] <= time.monotonic():
            _, target, frame = waiting.popleft()
            with contextlib.suppress(OSError):
                target.send(frame)


if __name__ == "__main__":
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, -10)  # a busy machine adds as little as possible
    carry((sys.argv[1], sys.argv[2]), int(sys.argv[3]) / 1000)
    subprocess.run(["ip", "link", "delete", sys.argv[2]], stderr=subprocess.DEVNULL, check=False)
