"""The simulated memcached, by its own protocol: recorded names, a real cache, and faults of its unit."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.ground import Ground

RECORDED = Path(__file__).parents[1] / "wire" / "hosts" / "ctl01" / "memcached-stats.txt"


def said(ground: Ground, *lines: str, host: int = 1) -> str:
    """What the cache of a controller answers until it is told to quit."""
    with socket.create_connection((f"127.77.{ground.net}.1{host}", 11211), timeout=5) as sock:
        sock.sendall("".join(f"{line}\r\n" for line in (*lines, "quit")).encode())
        parts = bytearray()
        while data := sock.recv(65_536):
            parts += data
    return parts.decode()


def test_its_statistics_have_recorded_names(ground: Ground) -> None:
    recorded = {line.split()[1] for line in RECORDED.read_text().splitlines() if line.startswith("STAT ")}
    found = [line.split() for line in said(ground, "stats").splitlines()]
    assert found[-1] == ["END"]
    assert {words[1] for words in found[:-1]} <= recorded
    values = {words[1]: words[2] for words in found[:-1]}
    assert int(values["get_hits"]) + int(values["get_misses"]) == int(values["cmd_get"])
    assert "STAT inter 127.77." in said(ground, "stats settings")


def test_it_keeps_what_is_stored(ground: Ground) -> None:
    assert said(ground, "version") == "VERSION 1.6.18\r\n"
    answer = said(ground, "set a 5 0 3", "xyz", "get a b", "delete a", "delete a", "get a", "frob")
    assert answer == "STORED\r\nVALUE a 5 3\r\nxyz\r\nEND\r\nDELETED\r\nNOT_FOUND\r\nEND\r\nERROR\r\n"


def test_a_restarted_one_is_empty(ground: Ground) -> None:
    said(ground, "set a 0 0 1", "x", host=2)
    fault = ground.inject("unit-killed", host="ctl02", unit="memcached")
    ground.ask("undo", id=fault)
    assert said(ground, "get a", host=2) == "END\r\n"
