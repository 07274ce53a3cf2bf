"""Lines about systems that do not answer."""

from __future__ import annotations

from msgspec.structs import replace

from collectors.errors import BadConfiguration, CircuitOpen, Refused, SourceError, TooLate
from collectors.snapshot import Snapshot, TargetRead
from collectors.store import Subject
from tests.views.fakes import FakeFeed
from tests.views.made import NOW, services, snapshot
from views.glyphs import UNICODE
from views.outages import Outages
from views.trouble import Tries, all_troubles, resting, trouble_sentence, trouble_texts
from views.when import hour

LATE = TooLate("cinder-api at https://10.0.0.10:8776", "did not finish within 20 s", "doctor")


def lines(found: Snapshot | None, tries: Tries | None = None, width: int = 80) -> list[str]:
    texts = trouble_texts(found, tries or Tries(), width, UNICODE)
    return ["".join(t for t, _ in text.left) for text in texts]


def members(*errors: SourceError | None) -> Snapshot:
    targets = tuple(TargetRead(f"ctl0{n}", NOW, 1, error=error) for n, error in enumerate(errors, 1))
    return replace(services(len(errors)), targets=targets)


def test_nothing_is_said_while_all_answer() -> None:
    assert lines(services(3)) == []
    assert lines(None) == []


def test_who_since_when_tries_next_and_what_is_seen() -> None:
    target = TargetRead("cinder", NOW - 300, 12, error=LATE)
    words = trouble_sentence(target, Tries(3, NOW + 40, NOW - 120))
    assert words == (
        "cinder-api at https://10.0.0.10:8776: did not finish within 20 s "
        f"(3 tries since {hour(NOW - 120)}, next {hour(NOW + 40)}). What you see is from {hour(NOW - 300)}. Try: doctor"
    )


def test_the_first_failure_claims_no_tries() -> None:
    assert "tries" not in trouble_sentence(TargetRead("x", 0.0, 0, error=LATE), Tries(1, 0.0, 0.0))


def test_nothing_from_before_is_not_dated() -> None:
    assert "What you see" not in trouble_sentence(TargetRead("x", 0.0, 0, error=LATE), Tries())


def test_a_request_id_is_told() -> None:
    error = SourceError("nova", "500 Internal Server Error", request_id="req-1")
    assert "(request req-1)" in trouble_sentence(TargetRead("x", 0.0, 0, error=error), Tries())


def test_it_is_folded_and_at_most_three_lines() -> None:
    found = lines(snapshot([], error=replace_why(LATE, "x " * 300)))
    assert len(found) == 3
    assert found[0].startswith("▲ cinder-api")
    assert all(len(line) <= 80 for line in found)


def replace_why(error: TooLate, why: str) -> TooLate:
    return TooLate(error.what, why, error.hint)


def test_a_refusal_is_worse_than_silence() -> None:
    assert lines(snapshot([], error=Refused("nova", "403"))) == [f"✖ nova: 403. What you see is from {hour(NOW)}."]


def test_members_are_named() -> None:
    found = lines(members(None, SourceError("galera at 10.0.0.12", "refused"), None))
    assert found[0].startswith("▲ ctl02: galera at 10.0.0.12: refused")


def test_many_silent_members_share_a_line() -> None:
    found = lines(members(*[SourceError(f"host at 10.0.0.{n}", "refused") for n in range(12)]))
    assert found[-1].strip().startswith("Also ctl03, ctl04")
    assert "and 4 more; :errors tells all." in found[-1]
    assert len(found) <= 5


def test_errors_in_full() -> None:
    found = all_troubles(members(*[SourceError(f"host at 10.0.0.{n}", "refused") for n in range(3)]), Tries())
    assert len(found) == 3


def test_a_hostile_answer_is_harmless() -> None:
    found = trouble_texts(snapshot([], error=SourceError("nova", "\x1b[2J\nboom")), Tries(), 80, UNICODE)
    assert all("\x1b" not in t and "\n" not in t for text in found for t, _ in text.left)


def test_resting_means_all_circuits_are_open() -> None:
    assert resting(snapshot([], error=CircuitOpen("nova", "resting", retry_at=1.0)))
    assert not resting(snapshot([], error=LATE))
    assert not resting(services(1))


def test_configuration_is_no_outage() -> None:
    found = lines(snapshot([], error=BadConfiguration("galera of prod", "the site says nothing", "add it"), at=0.0))
    assert found == ["✖ galera of prod: the site says nothing. Try: add it"]


def test_since_when_is_remembered_from_the_first_failure() -> None:
    outages, feed, subject = Outages(), FakeFeed(), Subject("volumes")
    failing = snapshot([], error=LATE)
    outages.note(subject, failing, NOW)
    outages.note(subject, failing, NOW + 60)
    assert outages.tries(subject, feed, NOW + 60).since == NOW
    outages.note(subject, services(1), NOW + 70)
    assert outages.tries(subject, feed, NOW + 70) == Tries(0, 0.0, 0.0)


def test_the_next_try_does_not_flicker() -> None:
    outages, feed, subject = Outages(), FakeFeed(), Subject("volumes")
    outages.note(subject, snapshot([], error=LATE), NOW)
    feed.failed[subject] = (3, 40.0)
    first = outages.tries(subject, feed, NOW).next_at
    feed.failed[subject] = (3, 35.4)
    assert outages.tries(subject, feed, NOW + 5).next_at == first
    feed.failed[subject] = (4, 80.0)
    assert outages.tries(subject, feed, NOW + 45).next_at == NOW + 125
