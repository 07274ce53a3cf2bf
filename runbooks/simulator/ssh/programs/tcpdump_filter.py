"""tcpdump's filter expressions: `icmp`, `arp`, `host A`, `port 4789`, `not`, `and`, `or`, parentheses."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network

from runbooks.simulator.model.wires.packet import Packet

Test = Callable[[Packet], bool]
NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "112": "vrrp"}
PORTS = {"domain": 53, "http": 80, "ssh": 22, "bootps": 67, "bootpc": 68}


class BadFilter(ValueError):  # noqa: N818 - tcpdump says `syntax error`
    """It cannot be understood."""


class _Parser:
    def __init__(self, text: str) -> None:
        self.words: list[str] = re.findall(r"\(|\)|!|&&|\|\||[^\s()!]+", text)

    def whole(self) -> Test:
        found = self.either()
        if self.words:
            raise BadFilter(self.words[0])
        return found

    def either(self) -> Test:
        found = self.both()
        while self.words and self.words[0] in ("or", "||"):
            self.words.pop(0)
            found = _or(found, self.both())
        return found

    def both(self) -> Test:
        found = self.one()
        while self.words and self.words[0] in ("and", "&&"):
            self.words.pop(0)
            found = _and(found, self.one())
        return found

    def one(self) -> Test:
        word = self._next()
        if word in ("not", "!"):
            inner = self.one()
            return lambda packet: not inner(packet)
        if word == "(":
            found = self.either()
            if self._next() != ")":
                raise BadFilter("(")
            return found
        return self._primitive(word)

    def _next(self) -> str:
        if not self.words:
            raise BadFilter("")
        return self.words.pop(0)

    def _primitive(self, word: str) -> Test:
        if word == "arp":
            return lambda packet: packet.family == "arp"
        if word in ("ip", "ip6"):
            wanted = word
            return lambda packet: packet.family == wanted
        if word in ("icmp", "tcp", "udp", "vrrp"):
            alone = _protocol(word)
            return (
                _and(alone, self._primitive(self._next())) if self.words[:1] in (["port"], ["dst"], ["src"]) else alone
            )
        if word == "proto":
            return _protocol(NUMBERS.get(self._next().lstrip("\\"), "?"))
        if word == "ether":
            way = self._next()
            mac = self._next().lower()
            return lambda packet: (
                (way in ("host", "src") and packet.source_mac == mac)
                or (way in ("host", "dst") and packet.target_mac == mac)
            )
        way = ""
        if word in ("src", "dst"):
            way, word = word, self._next()
        if word == "port":
            return _port(way, self._next())
        if word in ("host", "net"):
            word = self._next()
        return _address(way, word)


def _or(a: Test, b: Test) -> Test:
    return lambda packet: a(packet) or b(packet)


def _and(a: Test, b: Test) -> Test:
    return lambda packet: a(packet) and b(packet)


def _protocol(name: str) -> Test:
    return lambda packet: packet.family == "ip" and packet.protocol == name


def _port(way: str, text: str) -> Test:
    number = PORTS.get(text) or (int(text) if text.isdigit() else 0)
    if not number:
        raise BadFilter(text)
    return lambda packet: (
        (way != "dst" and packet.source_port == number and packet.protocol in ("tcp", "udp"))
        or (way != "src" and packet.target_port == number and packet.protocol in ("tcp", "udp"))
    )


def _address(way: str, text: str) -> Test:
    try:
        wanted = IPv4Network(text)
    except ValueError as problem:
        raise BadFilter(text) from problem
    return lambda packet: (
        (way != "dst" and IPv4Address(packet.source) in wanted)
        or (way != "src" and IPv4Address(packet.target) in wanted)
    )


def compiled(text: str) -> Test:
    """The test that an expression stands for; an empty one takes everything. Raises BadFilter."""
    return _Parser(text).whole() if text.strip() else lambda packet: True
