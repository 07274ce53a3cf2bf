"""Data formats: typed values, original text, nothing that a terminal or a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json

import pytest
import yaml

from collectors.table import Table
from tests.rows import NOW, few, service, snapshot
from views.text import formats, records

HOSTILE = "\x1b[31m[@click=app.quit]x[/]\u202e\0\n=1+1 ü漢" + "\U000e0041"


def as_json(text: str) -> str:
    return "".join(formats.json_lines([{"name": text}]))


@pytest.mark.parametrize("text", [HOSTILE, "", "plain", '"quoted"', "a" * 4000])
def test_json_keeps_the_text_and_prints_nothing_invisible(text: str) -> None:
    out = as_json(text)
    assert json.loads(out) == [{"name": text}]
    assert all(c.isprintable() or c == "\n" for c in out)


@pytest.mark.parametrize("text", [HOSTILE, "", "plain", "no", "12", "- x", "a: b", "null"])
def test_yaml_keeps_the_text_and_prints_nothing_invisible(text: str) -> None:
    out = formats.yaml_text([{"name": text}])
    if "\U000e0041" not in text:  # YAML has no surrogate pairs: above U+FFFF only printable text is kept as it is
        assert yaml.safe_load(out) == [{"name": text}]
    assert all(c.isprintable() or c == "\n" for c in out)


def test_an_empty_list_is_an_empty_array() -> None:
    assert json.loads("".join(formats.json_lines([]))) == []


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x"])
def test_csv_defuses_formulas(text: str) -> None:
    out = "".join(formats.csv_lines(["name"], [{"name": text}]))
    assert list(csv.reader(io.StringIO(out))) == [["name"], ["'" + text]]


def test_csv_keeps_numbers_and_gaps() -> None:
    out = "".join(formats.csv_lines(["a", "b", "c"], [{"a": -1, "b": None, "c": True}]))
    assert out == "a,b,c\n-1,,true\n"


def test_csv_has_a_header_even_without_rows() -> None:
    assert "".join(formats.csv_lines(["a"], [])) == "a\n"


def test_records_have_the_contract_keys_and_typed_values() -> None:
    table = Table(few())
    found = list(records.records(table, [0, 4], records.column_names(table.kind)))
    assert list(found[0])[:5] == ["id", "health", "reason", "cloud", "region"]
    assert found[0]["updated_at"] == "2027-01-15T07:53:50Z"
    assert found[0]["forced_down"] is False
    assert found[1]["status"] is None
    assert found[1]["health"] == "unknown"
    assert set(found[0]) == {"id", "health", "reason", "cloud", "region"} | {c.name for c in table.kind.columns}


def test_the_original_name_survives_in_records() -> None:
    table = Table(snapshot([service(HOSTILE)], NOW))
    assert next(iter(records.records(table, [0], ["host"])))["host"] == HOSTILE
