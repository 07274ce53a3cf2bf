"""Prometheus' HTTP API on the monitoring host's port 9091, behind Kolla's account."""

from __future__ import annotations

import asyncio
import socket
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import formatdate
from hmac import compare_digest
from math import isfinite, isnan

import msgspec
from aiohttp import web

from runbooks.simulator.listen import Listener, Running
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.hosts import Answer
from runbooks.simulator.model.monitoring import INTERVAL, SERVER, Monitoring, Sample, Target
from runbooks.simulator.monitoring.exporters import EXPORTED, Model
from runbooks.simulator.monitoring.promql import ParseError, evaluate
from runbooks.simulator.monitoring.rules import RULES, Alert, alerts
from runbooks.simulator.serving import Served

PORT = 9091
USER = "admin"
VERSION = "2.53.3"
POINTS = 11_000


class BadData(Exception):  # noqa: N818 - named as Prometheus names it
    """A parameter that it refuses."""


def go_time(at: float) -> str:
    """`2026-11-20T22:42:50.575611000Z`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


class Prometheus:
    """The server of one region."""

    def __init__(self, cloud: Cloud, address: str, host: str) -> None:
        self.cloud = cloud
        self.address = address
        self.host = host
        self.monitoring: Monitoring = cloud.monitoring

    def listener(self) -> Listener:
        return Listener(self.address, PORT, self.answer, self.start)

    def answer(self) -> Answer:
        """What connecting meets now."""
        return self.cloud.hosts[self.host].answer(SERVER)

    async def start(self, sock: socket.socket) -> Running:
        """Serve on `sock`."""
        server = web.Server(self._handle, access_log=None)
        return Served(server, await asyncio.get_running_loop().create_server(server, sock=sock))

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        given = dict(request.query) | (dict(await request.post()) if request.method == "POST" else {})
        while self.answer() == "hangs":
            await asyncio.sleep(0.1)
        self.cloud.catch_up()
        headers = {"Date": formatdate(self.cloud.now(), usegmt=True)}
        word = b64encode(f"{USER}:{self.cloud.secrets.prometheus}".encode()).decode()
        if not compare_digest(request.headers.get("Authorization", "").encode(), f"Basic {word}".encode()):
            return web.Response(status=401, text="Unauthorized\n", headers=headers | {"WWW-Authenticate": "Basic"})
        if request.path in ("/-/healthy", "/-/ready"):
            return web.Response(text="Prometheus Server is Healthy.\n", headers=headers)
        status, body = 200, b""
        try:
            found = self.asked(request.path.removeprefix("/api/v1"), {str(k): str(v) for k, v in given.items()})
            if found is None:
                return web.Response(status=404, text="404 page not found\n", headers=headers)
            body = msgspec.json.encode({"status": "success", "data": found})
        except (BadData, ParseError) as error:
            words = str(error) if isinstance(error, BadData) else f'invalid parameter "query": {error}'
            status = 400
            body = msgspec.json.encode({"status": "error", "errorType": "bad_data", "error": words})
        return web.Response(status=status, body=body, content_type="application/json", headers=headers)

    def asked(self, path: str, given: Mapping[str, str]) -> object:
        """The `data` of an answer; None for a path that there is not. Raises BadData, ParseError."""
        match path:
            case "/query":
                return self._query(given)
            case "/query_range":
                return self._range(given)
            case "/targets":
                return {"activeTargets": [self._target(each) for each in self.monitoring.targets()],
                        "droppedTargets": []}  # fmt: skip
            case "/rules":
                return {"groups": [{"name": "cloud", "file": "/etc/prometheus/cloud.rules", "interval": INTERVAL,
                                    "rules": list(self._rules())}]}  # fmt: skip
            case "/alerts":
                return {"alerts": [self._alert(each) for each in alerts(self.monitoring)]}
            case "/label/__name__/values":
                return sorted([*self.monitoring.names(), *EXPORTED])
            case "/status/buildinfo":
                return {"version": VERSION, "revision": "", "branch": "HEAD", "buildUser": "", "buildDate": "",
                        "goVersion": "go1.22.10"}  # fmt: skip
        return None

    def _moment(self, given: Mapping[str, str], name: str) -> float:
        text = given.get(name, "")
        try:
            return float(text) if text else self.cloud.now()
        except ValueError:
            try:
                return datetime.fromisoformat(text).timestamp()
            except ValueError:
                what = f'invalid parameter "{name}": cannot parse "{text}" to a valid timestamp'
                raise BadData(what) from None

    def _query(self, given: Mapping[str, str]) -> object:
        at = self._moment(given, "time")
        found = evaluate(self.monitoring, given.get("query", ""), at)
        if isinstance(found, float):
            return {"resultType": "scalar", "result": [at, _number(found)]}
        result = [{"metric": dict(sorted(s.labels.items())), "value": [at, _number(s.value)]} for s in found]
        return {"resultType": "vector", "result": result}

    def _range(self, given: Mapping[str, str]) -> object:
        start, end = self._moment(given, "start"), self._moment(given, "end")
        try:
            step = float(given.get("step", "").removesuffix("s"))
        except ValueError:
            raise BadData('invalid parameter "step": cannot parse "" to a valid duration') from None
        if step <= 0 or end < start:
            raise BadData('invalid parameter "end": end timestamp must not be before start time')
        if (end - start) / step > POINTS:
            raise BadData("exceeded maximum resolution of 11,000 points per timeseries.")
        series: dict[tuple[tuple[str, str], ...], list[list[object]]] = {}
        at, model = start, Model(self.cloud)
        while at <= end:
            for sample in self._samples(given.get("query", ""), at, model):
                series.setdefault(tuple(sorted(sample.labels.items())), []).append([at, _number(sample.value)])
            at += step
        return {"resultType": "matrix", "result": [{"metric": dict(k), "values": v} for k, v in series.items()]}

    def _samples(self, query: str, at: float, model: Model) -> list[Sample]:
        found = evaluate(self.monitoring, query, at, model)
        return [Sample({}, found)] if isinstance(found, float) else found

    def _target(self, target: Target) -> dict[str, object]:
        trouble, url = self.monitoring.trouble(target), f"http://{target.instance}/metrics"
        return {
            "discoveredLabels": {"__address__": target.instance, "__metrics_path__": "/metrics", "__scheme__": "http",
                                 "__scrape_interval__": "1m", "__scrape_timeout__": "10s", "job": target.job},
            "labels": target.labels, "scrapePool": target.job, "scrapeUrl": url, "globalUrl": url,
            "lastError": trouble, "lastScrape": go_time(self.monitoring.scraped(target)),
            "lastScrapeDuration": 10.0 if "deadline" in trouble else 0.004, "health": "down" if trouble else "up",
            "scrapeInterval": "1m", "scrapeTimeout": "10s",
        }  # fmt: skip

    def _alert(self, alert: Alert) -> dict[str, object]:
        state = "firing" if alert.firing(self.cloud.now()) else "pending"
        return {"labels": alert.labels, "annotations": {"summary": alert.summary}, "state": state,
                "activeAt": go_time(alert.since), "value": f"{alert.sample.value:e}"}  # fmt: skip

    def _rules(self) -> Iterator[dict[str, object]]:
        found = list(alerts(self.monitoring))
        for rule in RULES:
            mine = [self._alert(each) for each in found if each.rule is rule]
            states = {str(each["state"]) for each in mine}
            yield {
                "state": "firing" if "firing" in states else "pending" if states else "inactive", "name": rule.name,
                "query": rule.query, "duration": int(rule.lasting), "keepFiringFor": 0,
                "labels": {"severity": rule.severity}, "annotations": {"summary": rule.summary}, "alerts": mine,
                "health": "ok", "evaluationTime": 0.0004, "lastEvaluation": go_time(self.cloud.now()),
                "type": "alerting",
            }  # fmt: skip


def _number(value: float) -> str:
    if not isfinite(value):
        return "NaN" if isnan(value) else "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) else repr(value)


def listeners(cloud: Cloud) -> list[Listener]:
    """The monitoring host's; none in a region without one."""
    host = cloud.monitoring.host
    return [] if host is None else [Prometheus(cloud, host.machine.address, host.name).listener()]
