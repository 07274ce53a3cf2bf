"""Operations on hosts when something happens in the middle: what is done is told, what is not is not claimed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from collectors.call import Answer, Call, HostCall
from collectors.errors import Refused, Unreachable
from runbooks.registry import operation
from tests.runbooks.trial import Trial

SERVER = "ctl01/nova_api_back/ctl02"


def between(
    trial: Trial, monkeypatch: pytest.MonkeyPatch, meet: Callable[[HostCall, Callable[[], Answer]], Answer]
) -> None:
    """Every call goes through `meet`, which may carry it out."""
    write = trial.doing.cloud.write

    def met(call: Call, seconds: float) -> Answer:
        assert isinstance(call, HostCall)
        return meet(call, lambda: write(call, seconds))

    monkeypatch.setattr(trial.doing.cloud, "write", met)


def status(trial: Trial, host: str) -> object:
    """What the HAProxy there says of the server."""
    return trial.row("haproxy-backends", f"{host}/nova_api_back/ctl02")["status"]


def test_an_answer_that_was_lost_is_looked_up(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []

    def lost(call: HostCall, carry_out: Callable[[], Answer]) -> Answer:
        sent.append(call.host)
        carry_out()
        raise Unreachable(call.host, "the connection was cut in the middle")

    between(trial, monkeypatch, lost)
    _, outcome = trial.do(operation("haproxy-backend.drain"), [SERVER], {})
    assert outcome.result == "done", outcome.words
    assert sent == ["ctl01", "ctl02", "ctl03"], "each once"


def test_one_haproxy_that_refuses_ends_it_and_the_rest_is_not_touched(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(call: HostCall, carry_out: Callable[[], Answer]) -> Answer:
        if call.host == "ctl02":
            raise Refused("haproxy-server-state on ctl02", "Permission denied", "allow it in sudoers")
        return carry_out()

    between(trial, monkeypatch, refused)
    _, outcome = trial.do(operation("haproxy-backend.drain"), [SERVER], {})
    assert outcome.result == "failed"
    assert "Permission denied" in outcome.words
    assert [status(trial, host) for host in ("ctl01", "ctl02", "ctl03")] == ["DRAIN", "UP", "UP"]


def test_a_restart_that_never_happened_is_not_claimed(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(call: HostCall, carry_out: Callable[[], Answer]) -> Answer:
        raise Unreachable(call.host, "the connection was cut in the middle")

    between(trial, monkeypatch, lost)
    _, outcome = trial.do(operation("unit.restart"), ["cmp01/systemd/chrony"], {})
    assert outcome.result != "done", "it runs, but not since the call"
