"""YAML as Ansible's files use it: safe values only, `!vault` and `!unsafe`, and a line for every complaint.

Values that are encrypted stay encrypted: they come out as `Vaulted`, and only `ansible-vault` itself opens them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from collectors.errors import BadConfiguration
from collectors.files import at
from collectors.whole import whole

if TYPE_CHECKING:
    from yaml import Node

VAULT_HEAD: Final = "$ANSIBLE_VAULT;"
"""How a text begins that `ansible-vault` encrypted."""


@dataclass(frozen=True, slots=True)
class Vaulted:
    """A value that only `ansible-vault` can open."""

    ciphertext: str = field(repr=False)


class Untemplated(str):
    """Text that was marked `!unsafe`: braces in it mean nothing."""

    __slots__ = ()


@cache
def _loader_type() -> Any:
    """PyYAML's safe loader, the fast one where libyaml is there, with Ansible's tags."""
    whole("yaml")
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Safe YAML with Ansible's tags."""

    for tag in ("!vault", "!vault-encrypted"):
        Loader.add_constructor(tag, lambda loader, node: Vaulted(str(loader.construct_scalar(node))))
    Loader.add_constructor("!unsafe", lambda loader, node: Untemplated(loader.construct_scalar(node)))
    return Loader


class Document:
    """One parsed file: nodes with their lines, and the values they stand for."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self._loader = _loader_type()(text)
        with _in_words(path):
            self.root: Node | None = self._loader.get_single_node()

    def items(self, node: Node, what: str) -> Iterator[tuple[str, int, Node]]:
        """Key, its line and the node of its value. Raises `BadConfiguration` when `node` is no mapping."""
        if not is_mapping(node):
            raise self.wrong(node, f"{what} must be a mapping, it is {_kind(node)}")
        seen: dict[str, int] = {}
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                continue
            name = str(getattr(key, "value", ""))
            if name in seen:
                why = f"{name} is written twice in {what}, first in line {seen[name]}: the first would be lost"
                raise self.wrong(key, why, "keep one of them, with the variables of both")
            seen[name] = line_of(key)
        with _in_words(self.path):
            self._loader.flatten_mapping(node)
        for key, value in node.value:
            if shape(key) != "scalar":
                raise self.wrong(key, f"a name in {what} must be text, it is {_kind(key)}")
            yield key.value, line_of(key), value

    def value(self, node: Node) -> Any:
        """The value of `node`: text, numbers, lists, dicts, `Vaulted`."""
        with _in_words(self.path):
            return self._loader.construct_object(node, deep=True)

    def wrong(self, node: Node, why: str, hint: str = "mend this line") -> BadConfiguration:
        """An error at the line of `node`."""
        return at(self.path, line_of(node), why, hint)


def line_of(node: Node) -> int:
    """The line on which `node` begins, from 1."""
    return int(node.start_mark.line) + 1


def shape(node: Node) -> str:
    """`scalar`, `sequence` or `mapping`."""
    return str(getattr(node, "id", ""))


def is_mapping(node: Node) -> bool:
    """True for keys with values."""
    return shape(node) == "mapping"


def is_empty(node: Node | None) -> bool:
    """True for nothing, `~` and `null`."""
    return node is None or node.tag == "tag:yaml.org,2002:null"


def variables(path: Path, text: str, what: str) -> dict[str, Any]:
    """The mapping of variable names to values that a whole file holds. Raises `BadConfiguration`."""
    document = Document(path, text)
    root = document.root
    if root is None or is_empty(root):
        return {}
    if not is_mapping(root):
        raise document.wrong(root, f"{what} must be a mapping of variables, it is {_kind(root)}")
    found = document.value(root)
    return {str(name): value for name, value in found.items()}


def _kind(node: Node) -> str:
    if shape(node) == "sequence":
        return "a list"
    if is_mapping(node):
        return "a mapping"
    return "empty" if is_empty(node) else "plain text"


class _in_words:  # noqa: N801 - a context manager, read as one
    """Turn what PyYAML raises into a `BadConfiguration`, without the excerpt, which may hold a password."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        whole("yaml")
        import yaml

        if isinstance(error, yaml.MarkedYAMLError):
            mark = error.problem_mark or error.context_mark
            why = f"not valid YAML: {error.problem or error.context}"
            raise at(self.path, mark.line + 1 if mark else 0, why, _advice(str(error.problem))) from error
        if isinstance(error, yaml.YAMLError | RecursionError | ValueError):
            why = "not valid YAML: " + (str(error).splitlines() or ["nested too deeply"])[0][:120]
            raise at(self.path, 0, why, "mend the file") from error


def _advice(problem: str) -> str:
    if "cannot start any token" in problem:
        return "indent with spaces, not with tabs; put text that begins with @, % or ` in quotes"
    if "unhashable" in problem:
        return 'put a value with {{ }} in quotes: "{{ name }}"'
    return "check indentation, quotes and colons there and in the line above"
