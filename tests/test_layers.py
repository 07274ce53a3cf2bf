"""The layers, tested twice: by reading every import, and by really importing in a fresh interpreter.

Imports run one way: console → views → runbooks → collectors; themes is data; a ground imports nothing of ours but
the contract that all grounds share (runbooks/ground/).
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("console", "views", "runbooks", "collectors", "themes")

MAY_IMPORT = {
    "console": {"console", "views", "runbooks", "collectors", "themes"},
    "views": {"views", "runbooks", "collectors", "themes"},
    "runbooks": {"runbooks", "collectors"},
    "collectors": {"collectors"},
    "themes": {"themes"},
}
SCREEN = {"textual", "rich"}
HEAVY = {
    "textual", "rich", "openstack", "keystoneauth1", "paramiko", "pymysql", "pika", "networkx",
    "prometheus_api_client", "yaml", "requests", "asyncssh", "aiohttp",
}  # fmt: skip
GROUNDS = ("simulator", "lab")
SHARED = "runbooks.ground"
"""The one contract of all grounds: declared faults, the words of the control socket."""
CONNECTING = {"socket", "http.client", "urllib.request", "requests", "paramiko", "pymysql", "pika"}


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(path: Path, *, top_level_only: bool = False) -> Iterator[str]:
    """Every module that a file imports by name (whole dotted name)."""
    tree = ast.parse(path.read_text(), str(path))
    nodes = tree.body if top_level_only else list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def identity(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [p for package in OURS for p in sources(package)], ids=identity)
def test_imports_run_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    for module in imports(path):
        top = module.split(".")[0]
        if top in OURS:
            assert top in MAY_IMPORT[package], f"{identity(path)} imports {module}"


@pytest.mark.parametrize("path", [p for package in ("collectors", "runbooks") for p in sources(package)], ids=identity)
def test_below_the_screen_nothing_imports_it(path: Path) -> None:
    assert not {m.split(".")[0] for m in imports(path)} & SCREEN


@pytest.mark.parametrize(
    "path", [p for ground in (*GROUNDS, "ground") for p in sources(f"runbooks/{ground}")], ids=identity
)
def test_a_ground_imports_nothing_of_ours(path: Path) -> None:
    ground = path.relative_to(ROOT / "runbooks").parts[0]
    for module in imports(path):
        assert (
            module.split(".")[0] not in OURS
            or module.startswith((f"runbooks.{ground}.", SHARED))
            or (module == f"runbooks.{ground}")
        ), module


@pytest.mark.parametrize("path", [p for p in sources("collectors") if "sources" not in p.parts], ids=identity)
def test_only_sources_open_connections(path: Path) -> None:
    allowed = {"socket"} if path.name == "deadline.py" else set()  # it shuts sockets down, it opens none
    assert not (set(imports(path)) & CONNECTING) - allowed


@pytest.mark.parametrize("path", [p for package in OURS[:4] for p in sources(package)], ids=identity)
def test_heavy_packages_are_imported_where_they_are_used(path: Path) -> None:
    if any(path.is_relative_to(ROOT / "runbooks" / ground) for ground in GROUNDS):
        return  # a process of its own; its start-up is measured as a whole
    allowed = SCREEN if path.is_relative_to(ROOT / "views") or path.parent == ROOT / "console" else set()
    if path == ROOT / "collectors" / "sources" / "http.py":
        allowed = {"requests"}  # this file is imported only where HTTP is used
    assert not ({m.split(".")[0] for m in imports(path, top_level_only=True)} & HEAVY) - allowed


def loaded_by(statement: str) -> set[str]:
    """Top-level and project modules that a fresh interpreter has after `statement`."""
    code = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def test_the_collectors_load_nothing_heavy() -> None:
    loaded = loaded_by("import collectors.read, collectors.table, collectors.find, collectors.poller")
    assert not {m.split(".")[0] for m in loaded} & HEAVY
    assert not {m for m in loaded if m.startswith(("console", "views", "runbooks"))}


def test_a_kind_is_imported_alone() -> None:
    loaded = loaded_by("from collectors.registry import kind; kind('cs')")
    kinds = {m for m in loaded if m.startswith("collectors.kinds.")}
    assert kinds == {"collectors.kinds.index", "collectors.kinds.compute_services"}


def test_the_parser_of_one_command_imports_only_that_command() -> None:
    loaded = loaded_by("from console.cli.frame import parser; parser('kinds')")
    commands = {m for m in loaded if m.startswith("console.cli.")}
    assert commands == {"console.cli.frame", "console.cli.exits", "console.cli.kinds"}


def test_the_simulator_loads_nothing_of_ours() -> None:
    loaded = loaded_by("import runbooks.simulator.__main__")
    ours = {m for m in loaded if m.split(".")[0] in OURS}
    assert all(m == "runbooks" or m.startswith(("runbooks.simulator", SHARED)) for m in ours)
