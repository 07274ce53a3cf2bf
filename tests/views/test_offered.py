"""What is offered on rows that are no targets themselves: a quota's row leads to its project."""

from __future__ import annotations

from typing import Any

from collectors import registry
from collectors.kind import Reading
from collectors.table import Table
from runbooks.registry import entries_of, of_kind, operation
from tests.views.made import NOW, snapshot
from views.list_operations import can_be_done, chosen, menu
from views.offered import aim


def quotas(*found: tuple[str, str]) -> Table:
    """(resource, project) …"""
    kind = registry.kind("compute-quotas")
    rows: list[Any] = [
        kind.row(kind.wire(name=name, limit=20, in_use=3), Reading("nova", NOW, parent=project))
        for name, project in found
    ]
    return Table(snapshot(rows, kind))


def test_a_quota_is_set_from_its_own_row() -> None:
    table = quotas(("cores", "p1"), ("ram", "p1"))
    assert can_be_done("compute-quotas")
    [(wanted, choice)] = menu(table, [1])
    assert (wanted.name, choice.label, choice.closed) == ("project.compute-quota", "compute-quota", "")
    meant = chosen(wanted, table, [1])
    assert (meant.operation, meant.targets, dict(meant.given)) == (wanted.name, ("p1",), {"resource": "ram"})


def test_one_parameter_has_one_value() -> None:
    table = quotas(("cores", "p1"), ("ram", "p1"))
    [(wanted, choice)] = menu(table, [0, 1])
    assert choice.closed == "closed: one resource at a time, not cores, ram"
    assert aim(wanted, table, [0, 1]).targets == ()


def test_several_rows_of_one_value_are_several_targets() -> None:
    found = aim(operation("project.compute-quota"), quotas(("cores", "p1"), ("cores", "p2")), [0, 1])
    assert (found.targets, dict(found.given)) == (("p1", "p2"), {"resource": "cores"})


def test_a_row_that_names_no_target_says_so() -> None:
    found = aim(operation("project.compute-quota"), quotas(("cores", "")), [0])
    assert found.closed == "it does not say which of the projects it is of"


def test_of_a_kind_its_own_operations_come_first() -> None:
    assert [each.name for each in of_kind("volume-quotas")] == ["project.volume-quota"]
    assert [each.name for each in entries_of("flavor-access")] == ["flavor.access-add", "flavor.access-remove"]
    assert not entries_of("regions")
