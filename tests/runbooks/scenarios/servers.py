"""Servers where they are."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Did, Scenario

RUNNING, OFF, BROKEN = ("ci-app-07",), ("analytics-db-02",), ("analytics-worker-03",)


def did(verb: str) -> Did:
    return Did(f"server.{verb}", RUNNING)


def simple(
    verb: str, before: tuple[Did, ...] = (), words: tuple[str, ...] = RUNNING, restores: bool = True
) -> Scenario:
    """A verb that another one takes back, and that the wrong status closes."""
    wrong = OFF if words == RUNNING else RUNNING
    return Scenario(
        f"server.{verb}",
        words,
        before=before,
        closed=(Closed("sense", BROKEN if verb in ("start", "pause", "suspend", "shelve") else wrong),),
        restores=("status",) if restores else (),
    )


SCENARIOS = (
    simple("start", words=OFF),
    simple("stop"),
    simple("reboot-soft", restores=False),
    Scenario("server.reboot-hard", RUNNING, closed=(Closed("sense", RUNNING, before=(did("rescue"),)),)),
    simple("pause"),
    simple("unpause", (did("pause"),)),
    simple("suspend"),
    simple("resume", (did("suspend"),)),
    simple("shelve"),
    simple("unshelve", (did("shelve"),)),
    Scenario(
        "server.rescue", RUNNING, closed=(Closed("sense", RUNNING, before=(did("pause"),)),), restores=("status",)
    ),
    simple("unrescue", (did("rescue"),)),
    Scenario(
        "server.lock",
        RUNNING,
        {"reason": "being looked at"},
        closed=(Closed("sense", RUNNING, before=(did("lock"),)),),
        restores=("locked", "locked_reason"),
    ),
    Scenario(
        "server.unlock",
        RUNNING,
        before=(Did("server.lock", RUNNING, {"reason": "audit"}),),
        closed=(Closed("sense", RUNNING),),
        restores=("locked", "locked_reason"),
    ),
    Scenario("server.reset-state", BROKEN, {"state": "active"}),
    Scenario("server.console-log", RUNNING, {"lines": "5"}, closed=(Closed("sense", BROKEN),)),
    Scenario("server.console-url", RUNNING, closed=(Closed("sense", OFF),)),
    Scenario("server.delete", OFF, closed=(Closed("sense", RUNNING, before=(did("lock"),)),)),
)
