"""docs/configuration.md: complete, as it is in the tree, and its examples are configurations that load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec import Struct

from console.config import load, schema, schema_systems, table
from console.config.table import Table
from console.pages import configuration
from tests.console.config.files import kolla, toml

ROOT = Path(__file__).resolve().parent.parent.parent
DECLARED = {**vars(table), **vars(schema), **vars(schema_systems)}.values()
TABLES = [kind for kind in DECLARED if isinstance(kind, type) and issubclass(kind, Table) and kind is not Table]
EXAMPLES = re.findall(r"```toml\n(.*?)```", configuration.HEAD, re.DOTALL)


def test_the_page_in_the_tree_is_the_generated_one() -> None:
    assert (ROOT / "docs" / "configuration.md").read_text() == configuration.text()


def test_every_table_has_its_section() -> None:
    assert {kind for _, kind in configuration.TABLES} == set(TABLES)


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.__name__)
def test_every_key_has_a_type_and_a_meaning(kind: type[Struct]) -> None:
    found = list(configuration.fields(kind))
    assert [name for name, _, _ in found] == list(kind.__struct_fields__)
    for _, words, meaning in found:
        assert words
        assert meaning.endswith(".")
        assert "any value" not in words


def test_the_first_example_loads(tmp_path: Path) -> None:
    folder = kolla(tmp_path)
    text = EXAMPLES[0].replace("/etc/kolla", str(folder)).replace("/opt/site/multinode", str(folder / "multinode"))
    site = load("prod", "", toml(tmp_path, text)).site
    assert site.protection == "production"
    assert site.galera is not None


def test_the_second_example_loads(tmp_path: Path) -> None:
    loaded = load("prod", "", toml(tmp_path, EXAMPLES[1]))
    assert len(loaded.site.hosts) == 44
    assert loaded.site.ceph is not None
    assert loaded.site.rabbitmq is not None
    assert loaded.site.haproxy is not None
    assert loaded.site.keepalived is not None
    assert loaded.site.memcached is not None
    assert loaded.site.prometheus is not None
    assert loaded.site.alertmanager is not None
    assert load("prod", "West", toml(tmp_path, EXAMPLES[1])).site.protection == "read-only"


def test_these_are_all_examples() -> None:
    assert len(EXAMPLES) == 3
