"""What holds for every kind, whoever wrote it: names, columns, links, commands, and rows that never surprise."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors import registry
from collectors.decode import rows_of
from collectors.health import LEVELS, Health
from collectors.kind import AnyKind, Reading, Role, Row, Wire
from collectors.query import META
from collectors.request import Rest
from collectors.rollup import Member, roll_up
from collectors.snapshot import OddRow
from collectors.sources.base import Page
from console.generate import SYSTEMS, index_text
from tests.collectors.kinds.recordings import FIXTURES, NOW, rows

KINDS = list(registry.kinds())
IDS = [kind.name for kind in KINDS]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=IDS)
REST = [kind for kind in KINDS if isinstance(kind.read, Rest)]
every_list = pytest.mark.parametrize("kind", REST, ids=[kind.name for kind in REST])

KEYS: dict[str, dict[str, Any]] = {
    "keypairs": {"keypair": {"name": "the-key"}},
    "role-assignments": {"role": {"id": "r"}, "user": {"id": "u"}, "scope": {"system": {"all": True}}},
    "volume-services": {"binary": "cinder-volume", "host": "ctl01@rbd"},
}
"""What makes the key, where no single field of the answer is it."""


def fields(kind: AnyKind) -> list[str]:
    """The fields of its rows."""
    return list(kind.fields.__struct_fields__)


def named_in(text: str) -> set[str]:
    """The fields that a format names."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def only_key(kind: AnyKind) -> dict[str, Any]:
    """An object with nothing but what makes its key."""
    info = msgspec.inspect.type_info(kind.wire)
    assert isinstance(info, msgspec.inspect.StructType)
    return KEYS.get(kind.name) or {field.encode_name: "the-key" for field in info.fields if field.required}


def test_the_index_is_up_to_date() -> None:
    import collectors.kinds.index as index

    assert Path(index.__file__).read_text() == index_text(), "run `python -m console.generate`"


def test_names_and_aliases_are_unique() -> None:
    words = [word for kind in KINDS for word in (kind.name, *kind.aliases)]
    assert sorted(words) == sorted(set(words))


@every_kind
def test_names(kind: AnyKind) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*(s|ae)", kind.name), "plural and kebab-case"
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", alias) for alias in kind.aliases)
    assert 0 < len(kind.title) <= 20
    assert kind.title[0].isupper()
    assert 0 < len(kind.about) <= 100
    assert kind.about[0].islower()
    assert not kind.about.endswith(".")
    assert kind.system in SYSTEMS
    assert (registry.kind(kind.name.replace("-", "_")), registry.kind(kind.name.upper())) == (kind, kind)


@every_kind
def test_a_kind_lives_in_the_file_of_its_name(kind: AnyKind) -> None:
    assert registry.entries()[kind.name].module == f"collectors.kinds.{kind.name.replace('-', '_')}"
    assert issubclass(kind.fields, Row)
    assert issubclass(kind.wire, Wire)
    assert kind.fields.__struct_config__.frozen
    assert not kind.fields.__struct_config__.gc


@every_kind
def test_columns_are_the_fields_of_the_row(kind: AnyKind) -> None:
    assert sorted(column.name for column in kind.columns) == sorted(fields(kind))
    assert kind.key in fields(kind)
    assert kind.name_field in fields(kind)
    assert not {"health", "reason", "cloud", "region"} & set(fields(kind))


@every_kind
def test_columns(kind: AnyKind) -> None:
    assert any(column.priority == 1 for column in kind.columns)
    for column in kind.columns:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
        assert column.title == column.title.upper()
        assert 0 < len(column.title) <= 16
        assert column.role in get_args(Role)
        assert 1 <= column.priority <= 9
        assert not (column.wide and column.priority == 1)
        assert not column.help.endswith(".")
    titles = [column.title for column in kind.columns]
    assert sorted(titles) == sorted(set(titles))
    assert sum(len(c.title) + 2 for c in kind.columns if c.priority == 1) <= 50


def types_of(kind: AnyKind) -> dict[str, str]:
    """The types of a row's fields, as written; inherited ones too."""
    return {
        name: str(written)
        for part in reversed(kind.fields.__mro__)
        for name, written in vars(part).get("__annotations__", {}).items()
    }


@every_kind
def test_a_row_is_flat(kind: AnyKind) -> None:
    for name, annotation in types_of(kind).items():
        words = set(re.findall(r"[A-Za-z_]+", str(annotation)))
        assert words <= {"str", "int", "float", "bool", "None"}, name


@every_kind
def test_columns_fit_their_roles(kind: AnyKind) -> None:
    for column in kind.columns:
        annotation = types_of(kind)[column.name]
        if column.numeric:
            assert "str" not in annotation, column.name
        if column.role == "flag":
            assert "bool" in annotation, column.name


@every_kind
def test_links_lead_somewhere(kind: AnyKind) -> None:
    for link in kind.links:
        other = registry.kind(link.kind)
        there = {column.name for column in other.columns} | {other.scope.parameter}
        assert link.column in there, f"{other.name} has no column {link.column}"
        assert link.field in fields(kind)
        assert link.title
        if link.when:
            assert link.when.partition("=")[0] in fields(kind)


@every_kind
def test_commands_elements_and_orders_name_fields(kind: AnyKind) -> None:
    assert named_in(kind.show_command) <= set(fields(kind))
    assert named_in(kind.element) <= set(fields(kind))
    assert {name.removeprefix("-") for name in kind.sort} <= {*fields(kind), *META}
    assert set(kind.server_filters) <= set(fields(kind))
    for name in (kind.rollup.by,) if hasattr(kind.rollup, "by") and kind.rollup.by else ():
        assert name in fields(kind)


@every_kind
def test_joins_are_kinds_and_their_columns_are_marked(kind: AnyKind) -> None:
    for name in kind.joins:
        assert registry.kind(name).name == name
    assert set(kind.judged_with) <= set(kind.joins)
    assert bool(kind.joins) == any(column.joined for column in kind.columns)


@every_kind
def test_scopes(kind: AnyKind) -> None:
    if kind.scope.per == "parent":
        assert kind.scope.parameter in fields(kind)
        assert registry.kind(kind.scope.parent).name == kind.scope.parent
    if kind.scope.per in ("host", "member"):
        whose = kind.scope.per in fields(kind) or kind.name == f"{kind.scope.per}s"
        assert whose, "rows of several targets must say whose they are"
    assert 5 <= kind.period <= 300
    assert kind.deadline >= 5


# -- rows of what arrives over HTTP -----------------------------------------------------------------------------------


@every_list
def test_an_object_with_only_its_key_is_a_row(kind: AnyKind) -> None:
    (row,) = rows_of(Page(raw=msgspec.json.encode([only_key(kind)])), kind, Reading("wire", NOW))
    assert not isinstance(row, OddRow), row.reason
    assert kind.key_of(row)
    verdict = kind.health(row, NOW)
    assert verdict.level in LEVELS
    assert verdict.level == "ok" or verdict.reason


@every_list
def test_a_key_of_the_wrong_type_is_an_odd_row(kind: AnyKind) -> None:
    for name in only_key(kind):
        broken = only_key(kind) | {name: {"surprise": []}}
        (row,) = rows_of(Page(raw=msgspec.json.encode([broken])), kind, Reading("wire", NOW))
        assert isinstance(row, OddRow)
        assert row.reason


@every_list
@pytest.mark.parametrize("surprise", [[], {}, "\x1b[31m", 3.5, True, None, 10**30, [None], {"a": {}}, [[1]], ""])
def test_surprises_in_any_field_stay_in_their_row(kind: AnyKind, surprise: object) -> None:
    info = msgspec.inspect.type_info(kind.wire)
    assert isinstance(info, msgspec.inspect.StructType)
    good = only_key(kind)
    for field in info.fields:
        found = rows_of(
            Page(raw=msgspec.json.encode([good | {field.encode_name: surprise}, good])), kind, Reading("wire", NOW)
        )
        assert len(found) == 2
        assert not isinstance(found[1], OddRow)
        for row in found:
            assert isinstance(row, OddRow) or isinstance(kind.health(row, NOW), Health)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@every_list
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_arrives_is_a_row_or_an_odd_row(kind: AnyKind, data: st.DataObject) -> None:
    info = msgspec.inspect.type_info(kind.wire)
    assert isinstance(info, msgspec.inspect.StructType)
    names = st.sampled_from([field.encode_name for field in info.fields])
    objects = data.draw(st.lists(st.dictionaries(names, JSON, max_size=6) | JSON, max_size=4))
    found = rows_of(Page(raw=msgspec.json.encode(objects)), kind, Reading("wire", NOW))
    assert len(found) == len(objects)
    for row in found:
        if not isinstance(row, OddRow):
            verdict = kind.health(row, NOW)
            assert verdict.level == "ok" or verdict.reason


@every_list
def test_there_is_a_recording_and_it_has_no_odd_rows(kind: AnyKind) -> None:
    found = rows(kind.name)
    assert [row.reason for row in found if isinstance(row, OddRow)] == []
    ids = [kind.key_of(row) for row in found]
    assert len(ids) == len(set(ids))


def test_every_recording_belongs_to_a_kind() -> None:
    assert set(FIXTURES) == {kind.name for kind in REST}


@every_kind
def test_no_rows_roll_up_without_claiming_health(kind: AnyKind) -> None:
    verdict = roll_up(kind.rollup, [])
    assert verdict.level in ("unknown", "ok")
    assert verdict.reason
    assert roll_up(kind.rollup, [Member("a", Health("critical", "broken"), "g")]).reason
