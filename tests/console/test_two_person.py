"""What may lose data wants a second person: the plan says how to get the approval, and looks for it again."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

import runbooks.registry
from runbooks.plan import decoded
from tests.console.operating import Operated, operating


@pytest.fixture(autouse=True)
def gravest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Disabling a compute is declared to be of the gravest class here."""
    before = runbooks.registry.operation

    def operation(word: str) -> object:
        return replace(before(word), risk="R4") if word == "compute-service.disable" else before(word)

    for module in ("runbooks.registry", "console.desk"):
        monkeypatch.setattr(f"{module}.operation", operation)


async def planned(found: Operated) -> None:
    await found.arm()
    await found.press("a", "2")
    await found.type("RAM swap")
    await found.until("risk R4")


async def test_the_plan_is_written_for_the_second_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signers = tmp_path / "allowed_signers"
    signers.write_text("")
    monkeypatch.setattr("console.desk.approved", lambda *given, **more: [])
    async with operating(tmp_path, monkeypatch, allowed_signers=signers) as found:
        await planned(found)
        (file,) = (tmp_path / "plans").iterdir()
        assert "approved  by nobody yet" in found.text
        await found.press("G")
        assert "nephoscope approve" in found.text
        assert "a second person must approve it" in found.console.foot
        plan = decoded(json.loads(file.read_text()))
        assert plan.title == "disable nova-compute on cmp01"
        await found.press("R")
        assert found.nova.writes == []


async def test_where_nobody_can_approve_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await planned(found)
        await found.press("G")
        assert "by nobody, and nobody can" in found.text
        assert "allowed_signers" in found.text


async def test_an_approval_is_looked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []
    monkeypatch.setattr("console.desk.approved", lambda *told, **more: given)
    async with operating(tmp_path, monkeypatch) as found:
        await planned(found)
        assert "a second person must approve it" in found.console.foot
        given.append(SimpleNamespace(who="ben"))
        await found.press("ctrl+r")
        await found.until("by ben")
        assert "R confirms" in found.console.foot
