"""Projects: names that other kinds join."""

from __future__ import annotations

from tests.collectors.kinds.recordings import row, rows, verdict


def test_the_recorded_projects() -> None:
    found = {project.name: project for project in rows("projects")}  # type: ignore[union-attr]
    assert set(found) == {"demo", "service", "admin"}
    assert found["admin"].description == "Bootstrap project for initializing the cloud."  # type: ignore[union-attr]
    assert found["demo"].description is None  # type: ignore[union-attr]


def test_tags_are_one_text() -> None:
    assert row("projects", id="p", tags=["a", "b"]).tags == "a, b"
    assert row("projects", id="p", tags=[]).tags is None


def test_a_project_is_disabled_on_purpose() -> None:
    assert verdict(row("projects", id="p", enabled=False), "projects") == ("ok", "disabled: nobody can log in to it")
    assert verdict(row("projects", id="p", enabled=True), "projects") == ("ok", "")
