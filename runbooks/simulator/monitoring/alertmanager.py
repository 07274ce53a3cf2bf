"""Alertmanager's API v2 on the monitoring host's port 9093: alerts that fire, silences that people make.

It knows what Prometheus tells it: without Prometheus it soon has no alerts. A host that is down holds back the other
alerts about its address.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import formatdate
from uuid import UUID

import msgspec
from aiohttp import web

from runbooks.simulator.listen import Listener, Running
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.hosts import Answer
from runbooks.simulator.model.monitoring import ALERTMANAGER, SERVER, Silence
from runbooks.simulator.monitoring.rules import Alert, alerts
from runbooks.simulator.serving import Served

PORT = 9093
VERSION = "0.27.0"
RESOLVE = 300.0
"""Alerts that Prometheus does not repeat are over after so many seconds."""


class Refused(Exception):  # noqa: N818 - an answer of the API
    """A request that is answered with an error."""

    def __init__(self, status: int, body: object) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


def _time(at: float) -> str:
    stamp = datetime.fromtimestamp(at, UTC)
    return stamp.strftime("%Y-%m-%dT%H:%M:%S.") + f"{stamp.microsecond // 1000:03}Z"


class Alertmanager:
    """The Alertmanager of one region."""

    def __init__(self, cloud: Cloud, address: str, host: str) -> None:
        self.cloud = cloud
        self.address = address
        self.host = host

    def listener(self) -> Listener:
        return Listener(self.address, PORT, self.answer, self.start)

    def answer(self) -> Answer:
        """What connecting meets now."""
        return self.cloud.hosts[self.host].answer(ALERTMANAGER)

    async def start(self, sock: socket.socket) -> Running:
        """Serve on `sock`."""
        server = web.Server(self._handle, access_log=None)
        return Served(server, await asyncio.get_running_loop().create_server(server, sock=sock))

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        data = await request.read() if request.body_exists else b""
        while self.answer() == "hangs":
            await asyncio.sleep(0.1)
        self.cloud.catch_up()
        headers = {"Date": formatdate(self.cloud.now(), usegmt=True)}
        try:
            found = self.asked(request.method, request.path.removeprefix("/api/v2"), dict(request.query), data)
        except Refused as refused:
            body = msgspec.json.encode(refused.body)
            return web.Response(status=refused.status, body=body, content_type="application/json", headers=headers)
        body = b"" if found is None else msgspec.json.encode(found)
        return web.Response(body=body, content_type="application/json", headers=headers)

    def asked(self, method: str, path: str, given: Mapping[str, str], data: bytes) -> object:
        """An answer's body. Raises Refused."""
        match method, path.strip("/").split("/"):
            case "GET", ["status"]:
                return {"cluster": {"peers": [], "status": "disabled"}, "config": {"original": "route: {}\n"},
                        "uptime": _time(self.cloud.hosts[self.host].started(ALERTMANAGER)),
                        "versionInfo": {"version": VERSION, "branch": "HEAD", "revision": "", "buildUser": "",
                                        "buildDate": "", "goVersion": "go1.21.7"}}  # fmt: skip
            case "GET", ["alerts"]:
                return [each for each in self._alerts() if _wanted(each, given)]
            case "GET", ["silences"]:
                return [self._silence(each) for each in self.silences()]
            case "POST", ["silences"]:
                return {"silenceID": self._post(data)}
            case "GET" | "DELETE", ["silence", identity]:
                return self._one(method, identity)
        raise Refused(404, {"code": 404, "message": f"path {path} was not found"})

    # -- alerts ---------------------------------------------------------------------------------------------------

    def _alerts(self) -> Iterator[dict[str, object]]:
        now, prometheus = self.cloud.now(), self.cloud.hosts[self.host]
        told = now if prometheus.alive(SERVER) else prometheus.started(SERVER)
        if now - told > RESOLVE:
            return
        firing = [each for each in alerts(self.cloud.monitoring) if each.firing(told)]
        down = {
            each.sample.labels["instance"].partition(":")[0]: each for each in firing if each.rule.name == "HostDown"
        }
        for alert in firing:
            silenced = [each.id for each in self.silences() if each.state(now) == "active" and _matches(each, alert)]
            host = alert.sample.labels.get("instance", "").partition(":")[0]
            over = down.get(host)
            inhibited = [over.fingerprint] if over is not None and over is not alert else []
            state = "suppressed" if silenced or inhibited else "active"
            yield {
                "annotations": {"summary": alert.summary}, "endsAt": _time(told + RESOLVE),
                "fingerprint": alert.fingerprint, "receivers": [{"name": "default-receiver"}],
                "startsAt": _time(alert.started),
                "status": {"inhibitedBy": inhibited, "silencedBy": silenced, "state": state},
                "updatedAt": _time(told), "generatorURL": f"http://{self.address}:9091/graph", "labels": alert.labels,
            }  # fmt: skip

    # -- silences -------------------------------------------------------------------------------------------------

    def silences(self) -> list[Silence]:
        return list(self.cloud.monitoring.silences.values())

    def _silence(self, silence: Silence) -> dict[str, object]:
        return {
            "id": silence.id, "status": {"state": silence.state(self.cloud.now())}, "updatedAt": _time(silence.updated),
            "comment": silence.comment, "createdBy": silence.created_by, "endsAt": _time(silence.ends),
            "matchers": silence.matchers, "startsAt": _time(silence.starts),
        }  # fmt: skip

    def _post(self, data: bytes) -> str:
        try:
            told = msgspec.json.decode(data)
            starts, ends = (datetime.fromisoformat(told[name]).timestamp() for name in ("startsAt", "endsAt"))
            matchers = [{"isEqual": each.get("isEqual", True), "isRegex": each["isRegex"], "name": each["name"],
                         "value": each["value"]} for each in told["matchers"]]  # fmt: skip
            by, comment = str(told["createdBy"]), str(told["comment"])
        except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise Refused(400, {"code": 400, "message": f"parsing silence body failed: {error}"}) from error
        now = self.cloud.now()
        if not matchers or ends <= max(starts, now):
            raise Refused(400, "invalid silence: at least one matcher required" if not matchers else
                          "failed to create silence: end time can't be in the past")  # fmt: skip
        identity = self.cloud.seed.uuid("silence", len(self.cloud.monitoring.silences), now)
        self.cloud.monitoring.silences[identity] = Silence(identity, matchers, max(starts, now), ends, by, comment, now)
        self.cloud.wrote("alertmanager", f"POST /api/v2/silences {comment}", by, "200")
        return identity

    def _one(self, method: str, identity: str) -> object:
        try:
            found = self.cloud.monitoring.silences[str(UUID(identity))]
        except ValueError:
            words = f'silenceID in path must be of type uuid: "{identity}"'
            raise Refused(422, {"code": 601, "message": words}) from None
        except KeyError:
            raise Refused(404, "silence not found") from None
        if method == "GET":
            return self._silence(found)
        found.ends = found.updated = self.cloud.now()
        self.cloud.wrote("alertmanager", f"DELETE /api/v2/silence/{identity}", "nobody", "200")
        return None


def _wanted(alert: Mapping[str, object], given: Mapping[str, str]) -> bool:
    """`active=false`, `silenced=false`, `inhibited=false` leave some out."""
    status = alert["status"]
    assert isinstance(status, dict)
    hidden = {"silenced": bool(status["silencedBy"]), "inhibited": bool(status["inhibitedBy"]),
              "active": status["state"] == "active"}  # fmt: skip
    return not any(is_so and given.get(name) == "false" for name, is_so in hidden.items())


def _matches(silence: Silence, alert: Alert) -> bool:
    for matcher in silence.matchers:
        value, wanted = alert.labels.get(str(matcher["name"]), ""), str(matcher["value"])
        same = re.fullmatch(wanted, value) is not None if matcher["isRegex"] else value == wanted
        if same != matcher["isEqual"]:
            return False
    return True


def listeners(cloud: Cloud) -> list[Listener]:
    """The monitoring host's; none in a region without one."""
    host = cloud.monitoring.host
    return [] if host is None else [Alertmanager(cloud, host.machine.address, host.name).listener()]
