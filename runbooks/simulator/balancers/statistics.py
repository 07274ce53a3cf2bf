"""What HAProxy 2.6 prints for `show stat`, `show info` and on its statistics page, from the model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from runbooks.simulator.model.balancers import FALL, RISE, Balancers, Checked, Proxy

VERSION = "2.6.12-1+deb12u2"
MAXCONN = 40000
COLUMNS: tuple[str, ...] = tuple(json.loads(Path(__file__).with_name("columns.json").read_text()))
"""The columns of `show stat`, in order."""
_TYPES = {"FRONTEND": 0, "BACKEND": 1}


def stat(balancers: Balancers, host: str) -> str:
    """`show stat`: a frontend, a backend and its servers for each service, and the statistics page's own."""
    lines = ["# " + ",".join(COLUMNS) + ","]
    for number, line in enumerate(rows(balancers, host), 2):
        fields = {"pid": 1, "iid": number, "sid": 0, "type": _TYPES.get(str(line["svname"]), 2)} | dict(line)
        lines.append(",".join(_quoted(fields.get(name, "")) for name in COLUMNS) + ",")
    return "\n".join(lines) + "\n\n"


def _quoted(value: object) -> str:
    text = str(value)
    return f'"{text}"' if "," in text else text


def rows(balancers: Balancers, host: str) -> Iterator[Mapping[str, object]]:
    """Every line as the columns that say something."""
    now, begun = balancers.cloud.now(), balancers.started(host)
    yield _front("stats", "http", 1)
    yield _back("stats", "http", []) | {"status": "UP", "lastchg": int(now - begun), "downtime": 0}
    for proxy in balancers.proxies:
        yield _front(f"{proxy.name}_front", proxy.mode, 0)
        servers = list(balancers.servers(host, proxy))
        for place, server in enumerate(servers):
            yield _server(balancers, proxy, place, server, now) | {
                "weight": balancers.weight(host, f"{proxy.name}_back", server.host)
            }
        yield _back(f"{proxy.name}_back", proxy.mode, servers, backups=proxy.backups) | _since(servers, now, begun)


def _front(name: str, mode: str, sessions: int) -> dict[str, object]:
    counters = dict.fromkeys(("smax", "stot", "bin", "bout", "dreq", "dresp", "ereq", "rate", "rate_lim"), 0)
    answers = dict.fromkeys(_ANSWERS, 0) if mode == "http" else {}
    told = {"pxname": name, "svname": "FRONTEND", "scur": sessions, "slim": MAXCONN, "status": "OPEN", "mode": mode}
    return counters | answers | told


_ANSWERS = ("hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx", "hrsp_other")


def _back(name: str, mode: str, servers: list[Checked], *, backups: bool = False) -> dict[str, object]:
    up = [place for place, server in enumerate(servers) if server.serves]
    active = [place for place in up if not backups or place == 0]
    counters = dict.fromkeys(("qcur", "qmax", "scur", "smax", "stot", "econ", "eresp", "wretr", "wredis"), 0)
    answers = dict.fromkeys(_ANSWERS, 0) if mode == "http" else {}
    return counters | answers | {
        "pxname": name, "svname": "BACKEND", "slim": MAXCONN // 10, "status": "UP" if up else "DOWN", "mode": mode,
        "weight": len(active) or len(up), "act": len(active), "bck": len(up) - len(active), "algo": "roundrobin",
    }  # fmt: skip


def _since(servers: list[Checked], now: float, begun: float) -> dict[str, object]:
    """A backend goes down with its last server and comes up with its first one."""
    up = [server.since for server in servers if server.serves]
    since = begun if up else max((server.since for server in servers), default=begun)
    return {"lastchg": int(now - since), "downtime": 0 if up else int(now - since), "chkdown": 0 if up else 1}


def _server(balancers: Balancers, proxy: Proxy, place: int, server: Checked, now: float) -> dict[str, object]:
    lasting = int(now - server.since)
    backup = proxy.backups and place > 0
    down = server.status.startswith("DOWN")
    counters = dict.fromkeys(("qcur", "qmax", "scur", "smax", "stot", "econ", "eresp", "wretr", "wredis"), 0)
    answers = dict.fromkeys(_ANSWERS, 0) if proxy.mode == "http" else {}
    address = balancers.cloud.hosts[server.host].machine.address
    checked: dict[str, object] = {}
    if server.check:
        code = {"L7OK": 200, "L7STS": 503}.get(server.check, "") if proxy.name != "mariadb" or down else 200
        checked = {"check_status": server.check, "check_code": code, "check_duration": 1, "check_desc": server.words}
        checked |= {"last_chk": server.detail, "check_rise": RISE, "check_fall": FALL}
    return counters | answers | checked | {
        "pxname": f"{proxy.name}_back", "svname": server.host, "status": server.status, "weight": 1, "sid": place + 1,
        "act": 0 if backup else 1, "bck": int(backup), "chkfail": FALL if down else 0, "chkdown": int(down),
        "lastchg": lasting, "downtime": lasting if down else 0, "addr": f"{address}:{proxy.port}",
        "mode": proxy.mode,
    }  # fmt: skip


def info(balancers: Balancers, host: str) -> str:
    """`show info`."""
    up = max(int(balancers.cloud.now() - balancers.started(host)), 0)
    minutes, seconds = divmod(up, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    said = {
        "Name": "HAProxy", "Version": VERSION, "Release_date": "2023/12/16", "Nbthread": 2, "Nbproc": 1,
        "Process_num": 1, "Pid": 7, "Uptime": f"{days}d {hours}h{minutes:02}m{seconds:02}s", "Uptime_sec": up,
        "Maxconn": MAXCONN, "Hard_maxconn": MAXCONN, "CurrConns": 1, "CumConns": 2 + up // 15,
        "Idle_pct": 99, "node": host,
    }  # fmt: skip
    return "".join(f"{name}: {value}\n" for name, value in said.items()) + "\n"
