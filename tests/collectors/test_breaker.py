"""The circuit breaker: opens after three failures, lets one try through after its rest, rests longer each time."""

from __future__ import annotations

from collectors.breaker import Breaker


def opened() -> Breaker:
    breaker = Breaker(rest=10.0, ceiling=25.0)
    for _ in range(3):
        assert breaker.allow(0.0)
        breaker.failed(0.0)
    return breaker


def test_two_failures_leave_it_closed() -> None:
    breaker = Breaker()
    breaker.failed(0.0)
    breaker.failed(0.0)
    assert breaker.state(0.0) == "closed"
    assert breaker.allow(0.0)


def test_the_third_failure_opens_it() -> None:
    breaker = opened()
    assert breaker.state(5.0) == "open"
    assert not breaker.allow(5.0)
    assert breaker.retry_at == 10.0


def test_after_the_rest_exactly_one_try_is_let_through() -> None:
    breaker = opened()
    assert breaker.state(10.0) == "half-open"
    assert breaker.allow(10.0)
    assert not breaker.allow(10.0)


def test_success_closes_it() -> None:
    breaker = opened()
    assert breaker.allow(10.0)
    breaker.succeeded()
    assert breaker.state(10.0) == "closed"
    assert breaker.failures == 0


def test_each_failed_try_rests_longer_up_to_the_ceiling() -> None:
    breaker, now, rests = opened(), 10.0, []
    for _ in range(3):
        assert breaker.allow(now)
        breaker.failed(now)
        assert breaker.retry_at is not None
        rests.append(breaker.retry_at - now)
        now = breaker.retry_at
    assert rests == [20.0, 25.0, 25.0]


def test_a_success_between_failures_starts_the_count_again() -> None:
    breaker = Breaker()
    for _ in range(2):
        breaker.failed(0.0)
        breaker.failed(0.0)
        breaker.succeeded()
    assert breaker.state(0.0) == "closed"
