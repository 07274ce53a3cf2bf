"""What a beginning may become."""

from __future__ import annotations

import pytest

from collectors.kind import AnyKind
from collectors.kinds.compute_services import KIND
from collectors.snapshot import Snapshot
from tests.views.made import service, services, snapshot
from views.completion import MOST, filter_proposals, proposals

THERE = snapshot(
    [service(1), service(2), service(3, host="ctl01", binary="nova-conductor", disabled_reason="RAM swap")]
)


def known(kind_name: str) -> Snapshot | None:
    return THERE if kind_name == "compute-services" else None


def texts(text: str, here: AnyKind | None = None) -> list[str]:
    return [p.text for p in proposals(text, here, known, ("dark", "mono"))]


def test_a_name_that_begins_like_that_comes_first() -> None:
    assert texts("comp")[0] == "compute-services"


def test_an_exact_alias_comes_first() -> None:
    assert texts("cs")[0] == "compute-services"


def test_the_alias_is_told() -> None:
    assert proposals("cs", None, known)[0].label == "compute-services (cs)"


def test_a_part_of_a_name_comes_late() -> None:
    found = texts("serv")
    assert found[0].startswith("serv")
    assert "compute-services" in found
    assert found.index("servers") < found.index("compute-services")


def test_nothing_typed_offers_the_kinds() -> None:
    assert len(texts("")) > 5


def test_words_of_actions() -> None:
    assert "wide" in texts("wi")
    assert "quit" in texts("qu")


def test_what_every_kind_is_about() -> None:
    assert "one row per Nova process" in proposals("cs", None, known)[0].about


def test_columns_of_a_filter() -> None:
    assert texts("cs ho") == ["cs host="]
    assert texts("cs host=cmp1 sta") == ["cs host=cmp1 status=", "cs host=cmp1 state="]


def test_columns_that_every_kind_has() -> None:
    assert "cs health=" in texts("cs hea")


def test_values_that_are_there() -> None:
    assert texts("cs host=") == ["cs host=cmp0001", "cs host=cmp0002", "cs host=ctl01"]
    assert texts("cs host=ct") == ["cs host=ctl01"]
    assert texts("cs health=c") == ["cs health=critical"]
    assert texts("cs host!=ct") == ["cs host!=ctl01"]


def test_a_value_with_a_blank_is_quoted() -> None:
    assert texts("cs disabled_reason=") == ['cs disabled_reason="RAM swap"']


def test_names_of_rows() -> None:
    assert texts("go compute-services ct") == ["go compute-services ctl01"]
    assert texts("go cs ct") == ["go cs ctl01"]
    assert texts("go servers web") == []


def test_kinds_behind_go() -> None:
    assert texts("go compute-s") == ["go compute-services"]


def test_columns_to_sort_by() -> None:
    assert "sort host" in texts("sort h", KIND)
    assert "sort -host" in texts("sort -h", KIND)
    assert texts("sort h") == []


def test_themes() -> None:
    assert texts("theme ") == ["theme dark", "theme mono"]
    assert texts("theme m") == ["theme mono"]


def test_the_filter_bar() -> None:
    assert [p.text for p in filter_proposals("x ho", KIND, known)] == ["x host="]
    assert [p.text for p in filter_proposals("host=ct", KIND, known)] == ["host=ctl01"]
    assert filter_proposals("", KIND, known) == []


def test_an_unknown_kind_offers_nothing() -> None:
    assert texts("nothing ho") == []


def test_names_that_could_act_on_the_terminal_are_not_offered() -> None:
    evil = snapshot([service(1, host="\x1b[31m"), service(2, host='a"b')])
    assert [p.text for p in proposals("cs host=", None, lambda _: evil)] == []


@pytest.mark.parametrize("text", ["", "cs host=", "go cs "])
def test_never_more_than_a_few(text: str) -> None:
    many = services(1000)
    assert len(proposals(text, KIND, lambda _: many)) <= MOST
