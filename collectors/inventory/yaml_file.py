"""An inventory in YAML: groups as keys, each with `hosts`, `children` and `vars`.

Ansible only warns about some mistakes and then has fewer hosts than one thinks; those are errors here, with their line.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from collectors.files import at
from collectors.inventory.model import Draft
from collectors.inventory.ranges import hosts_of
from collectors.inventory.yaml_text import Document, is_empty, is_mapping, line_of, shape

if TYPE_CHECKING:
    from yaml import Node

_SECTIONS = ("hosts", "children", "vars")


def read_yaml(path: Path, text: str, draft: Draft) -> None:
    """Add what `text` says to `draft`. Raises `BadConfiguration` with the line."""
    document = Document(path, text)
    root = document.root
    if root is None or is_empty(root):
        raise at(path, 0, "this inventory is empty", "add groups with hosts, or name another inventory")
    if is_mapping(root) and any(getattr(key, "value", "") == "plugin" for key, _ in root.value):
        raise document.wrong(
            root,
            "this configures an inventory plugin, which is a program and is not run",
            f"save its answer as a file: ansible-inventory -i {path} --list --yaml > hosts.yml",
        )
    for name, line, node in document.items(root, "the inventory"):
        _group(document, name, line, node, draft)


def _group(document: Document, name: str, line: int, node: Node, draft: Draft) -> None:
    draft.group(name)
    if is_empty(node):
        return
    for section, at_line, content in document.items(node, f"group {name}"):
        if section not in _SECTIONS:
            why = f"group {name} has {section}, where only hosts, children and vars may stand"
            raise at(document.path, at_line, why, "put groups under children, hosts under hosts, variables under vars")
        if is_empty(content):
            continue
        if section == "vars":
            for variable, _, value in document.items(content, f"vars of group {name}"):
                draft.variable(name, variable, document.value(value))
        elif shape(content) == "scalar":
            # One name may stand as it is, without a colon behind it.
            _entry(document, name, section, content.value, line_of(content), None, draft)
        else:
            for entry, entry_line, value in document.items(content, f"{section} of group {name}"):
                _entry(document, name, section, entry, entry_line, value, draft)


def _entry(
    document: Document, group: str, section: str, entry: str, line: int, node: Node | None, draft: Draft
) -> None:
    """One child or one host pattern of `group`."""
    if section == "children":
        if node is not None:
            _group(document, entry, line, node, draft)
        draft.group(entry)
        draft.child(group, entry, (document.path, line))
        return
    try:
        names, port = hosts_of(entry)
    except ValueError as error:
        raise at(document.path, line, str(error), "mend the name or the range") from error
    variables: dict[str, Any] = {}
    if node is not None and not is_empty(node):
        variables = {name: document.value(value) for name, _, value in document.items(node, f"host {entry}")}
    for name in names:
        draft.host(name, group, variables, port, (document.path, line))
