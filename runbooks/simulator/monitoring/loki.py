"""Loki's HTTP API on the monitoring host's port 3100, for one tenant: the logs that an agent on each host sends there.

They are the same that the hosts' journals and Kolla's files have, with the labels that Promtail's usual configuration
gives them. Of a host that is off there is what it had logged until then; while Loki does not run, nobody reads it.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Mapping
from email.utils import formatdate

import msgspec
from aiohttp import web

from runbooks.simulator.listen import Listener, Running
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.hosts import Answer, Host
from runbooks.simulator.monitoring.logql import ParseError, parse
from runbooks.simulator.serving import Served
from runbooks.simulator.ssh import journal, kolla_logs
from runbooks.simulator.ssh.program import ACCOUNTS, Place

UNIT, PORT, TENANT, VERSION = "loki", 3100, "cloud", "3.2.1"
MOST = 5000
"""`max_entries_limit_per_query`."""
LONGEST = (30 * 24 + 1) * 3600.0
"""`max_query_length`, seconds."""

Stream = tuple[dict[str, str], list[tuple[int, str]]]
"""(labels, (nanoseconds, line), oldest first)."""


class BadRequest(Exception):  # noqa: N818 - an answer of the API
    """What is answered with 400, as plain text."""


class Loki:
    """The Loki of one region."""

    def __init__(self, cloud: Cloud, address: str, host: str) -> None:
        self.cloud = cloud
        self.address = address
        self.host = host

    def listener(self) -> Listener:
        return Listener(self.address, PORT, self.answer, self.start)

    def answer(self) -> Answer:
        """What connecting meets now."""
        return self.cloud.hosts[self.host].answer(UNIT)

    async def start(self, sock: socket.socket) -> Running:
        """Serve on `sock`."""
        server = web.Server(self._handle, access_log=None)
        return Served(server, await asyncio.get_running_loop().create_server(server, sock=sock))

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        while self.answer() == "hangs":
            await asyncio.sleep(0.1)
        self.cloud.catch_up()
        headers = {"Date": formatdate(self.cloud.now(), usegmt=True)}
        path = request.path
        if path == "/ready":
            return web.Response(text="ready\n", headers=headers)
        if path != "/loki/api/v1/status/buildinfo" and not request.headers.get("X-Scope-OrgID"):
            return web.Response(status=401, text="no org id\n", headers=headers)
        mine = request.headers.get("X-Scope-OrgID") == TENANT
        try:
            found = self.asked(path.removeprefix("/loki/api/v1"), dict(request.query), mine=mine)
        except (BadRequest, ParseError) as error:
            return web.Response(status=400, text=f"{error}\n", headers=headers)
        if found is None:
            return web.Response(status=404, text="404 page not found\n", headers=headers)
        return web.Response(body=msgspec.json.encode(found), content_type="application/json", headers=headers)

    def asked(self, path: str, given: Mapping[str, str], *, mine: bool) -> object:
        """An answer's body; None for a path that there is not. Another tenant has no streams. Raises BadRequest."""
        streams = list(self.streams()) if mine and path != "/status/buildinfo" else []
        match path.strip("/").split("/"):
            case ["status", "buildinfo"]:
                return {"version": VERSION, "revision": "3c386cc5d1", "branch": "release-3.2.x", "buildUser": "root",
                        "buildDate": "2024-10-17T19:16:52Z", "goVersion": ""}  # fmt: skip
            case ["query_range"]:
                return self._range(given, streams)
            case ["labels"]:
                return _names({name for labels, _ in streams for name in labels})
            case ["label", name, "values"]:
                return _names({labels[name] for labels, _ in streams if name in labels})
        return None

    def _range(self, given: Mapping[str, str], streams: list[Stream]) -> object:
        query = parse(given.get("query", ""))
        end = self._moment(given, "end", self.cloud.now())
        start = self._moment(given, "start", end / 1e9 - 3600)
        limit = given.get("limit", "100")
        if not limit.isdigit() or not int(limit):
            raise BadRequest("limit must be a positive value")
        if int(limit) > MOST:
            raise BadRequest(f"max entries limit per query exceeded, limit > max_entries_limit ({limit} > {MOST})")
        if end <= start:
            raise BadRequest("end timestamp must not be before or equal to start time")
        if end - start > LONGEST * 1e9:
            hours = (end - start) / 3.6e12
            raise BadRequest(f"the query time range exceeds the limit (query length: {hours:.0f}h0m0s, limit: 30d1h)")
        found = [
            (at, number, text)
            for number, (labels, lines) in enumerate(streams)
            if query.stream(labels)
            for at, text in lines
            if start <= at < end and query.line(text)
        ]
        forward = given.get("direction", "backward").lower() == "forward"
        found.sort(key=lambda one: one[0], reverse=not forward)
        values: dict[int, list[list[str]]] = {}
        for at, number, text in found[: int(limit)]:
            values.setdefault(number, []).append([str(at), text])
        result = [{"stream": streams[number][0], "values": lines} for number, lines in values.items()]
        return {"status": "success", "data": {"resultType": "streams", "result": result, "stats": {}}}

    def _moment(self, given: Mapping[str, str], name: str, usual: float) -> int:
        """Nanoseconds; as Loki does, small numbers are seconds."""
        text = given.get(name, "")
        if not text:
            return int(usual * 1e9)
        try:
            return int(text) if text.isdigit() and len(text) > 10 else int(float(text) * 1e9)
        except ValueError:
            raise BadRequest(
                f'could not parse "{name}" parameter: cannot parse "{text}" to a valid timestamp'
            ) from None

    def streams(self) -> Iterator[Stream]:
        """What the agents have sent until now."""
        for host in self.cloud.hosts:
            place = Place(self.cloud, host, ACCOUNTS["root"])
            until = self.cloud.now() if host.up else host.changed
            yield from _files(place, host, until)
            yield from _journal(place, host, until)


def _files(place: Place, host: Host, until: float) -> Iterator[Stream]:
    for path, unit in kolla_logs.paths(place).items():
        lines = [(int(at * 1e9), text) for at, text in kolla_logs.lines(place, unit) if at <= until]
        service = path.rpartition("/")[2].removesuffix(".log")
        if lines:
            yield {"filename": path, "host": host.name, "job": "kolla", "service_name": service}, lines


def _journal(place: Place, host: Host, until: float) -> Iterator[Stream]:
    by_unit: dict[str, list[tuple[int, str]]] = {}
    for entry in journal.entries(place):
        if entry.at <= until and entry.unit:
            by_unit.setdefault(entry.unit, []).append((int(entry.at * 1e9), entry.message))
    for unit, lines in by_unit.items():
        yield {"host": host.name, "job": "systemd-journal", "service_name": "systemd-journal", "unit": unit}, lines


def _names(found: set[str]) -> object:
    return {"status": "success", "data": sorted(found)} if found else {"status": "success"}


def listeners(cloud: Cloud) -> list[Listener]:
    """The monitoring host's; none in a region without one."""
    host = cloud.monitoring.host
    return [] if host is None else [Loki(cloud, host.machine.address, host.name).listener()]
