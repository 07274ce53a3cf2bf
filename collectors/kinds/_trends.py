"""What is followed over time of things whose own files are long: queues, database members, balancers; no kind itself.

The queries are for the usual exporters: RabbitMQ's own (which tells of single queues only where it is set up to),
mysqld_exporter, and HAProxy's own.
"""

from __future__ import annotations

from typing import Final

from collectors.trend import RATE_WINDOW, Trend

QUEUES: Final = (
    Trend(
        "messages", "messages", ceiling=10.0,
        query="sum(rabbitmq_queue_messages{queue=$name,vhost=$vhost})",
    ),
    Trend("consumers", "consumers", query="sum(rabbitmq_queue_consumers{queue=$name,vhost=$vhost})"),
    Trend("messages in per second", "publish_rate", ceiling=1.0, role="number"),
    Trend("messages out per second", "deliver_rate", ceiling=1.0, role="number"),
)  # fmt: skip


def _wsrep(name: str) -> str:
    return f"mysql_global_status_{name}{{instance=~@member}}"


GALERA: Final = (
    Trend(
        "write sets that wait to be applied", "recv_queue", ceiling=10.0,
        query=f"max({_wsrep('wsrep_local_recv_queue')})",
    ),
    Trend("writes held up by flow control (1: yes)", "flow_control", ceiling=1.0, role="number"),
    Trend(
        "conflicts per second (transactions that failed certification)", "cert_failures", counter=True,
        query=f"max(rate({_wsrep('wsrep_local_cert_failures')}{RATE_WINDOW}))",
    ),
    Trend(
        "queries per second", "queries", counter=True,
        query=f"max(rate({_wsrep('queries')}{RATE_WINDOW}))",
    ),
    Trend("clients", "threads_connected", query=f"max({_wsrep('threads_connected')})"),
)  # fmt: skip


def _proxy(what: str, more: str = "") -> tuple[tuple[str, str], ...]:
    """The series of a server, a backend or a frontend that count `what`, per second where `more` is a range."""

    def query(kind: str, labels: str) -> str:
        series = f"haproxy_{kind}_{what}{{instance=~@host,proxy=$proxy{labels}}}"
        return f"sum(rate({series}{more}))" if more else f"sum({series})"

    code = ',code="5xx"' if "responses" in what else ""
    return (
        ("type=server", query("server", f",server=$server{code}")),
        ("type=backend", query("backend", code)),
        ("type=frontend", query("frontend", code)),
    )


BACKENDS: Final = (
    Trend("sessions", "sessions", ceiling=10.0, queries=_proxy("current_sessions")),
    Trend(
        "answers with 500 and above per second", "errors_5xx", counter=True,
        queries=_proxy("http_responses_total", RATE_WINDOW),
    ),
    Trend("requests that wait for a server", "queue", ceiling=10.0, queries=_proxy("current_queue")[:2]),
)  # fmt: skip
