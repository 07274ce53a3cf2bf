"""Groups and hosts of an Ansible inventory: drawn up while files are read, then resolved once.

The parsers only add what they see to a `Draft`. `resolved` then checks that every child group exists and that no group
is its own ancestor, and merges the variables of each host in Ansible's order: groups from the outermost to the
innermost, then the host; what stands in group_vars/ and host_vars/ beats what stands in the inventory itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec

from collectors.files import at
from collectors.notes import Note

Variables: TypeAlias = dict[str, Any]
Place: TypeAlias = tuple[Path, int]
"""A file and a line."""

BUILT_IN: Final = ("all", "ungrouped")


class _Group(msgspec.Struct):
    hosts: dict[str, None] = msgspec.field(default_factory=dict)
    children: dict[str, Place] = msgspec.field(default_factory=dict)
    variables: Variables = msgspec.field(default_factory=dict)
    from_files: Variables = msgspec.field(default_factory=dict)
    priority: int = 1


class _Host(msgspec.Struct):
    place: Place
    variables: Variables = msgspec.field(default_factory=dict)
    from_files: Variables = msgspec.field(default_factory=dict)


class Machine(msgspec.Struct, dict=True, frozen=True):
    """A host of the inventory. `groups` are all groups it is in, also through children, without `all`, sorted."""

    name: str
    place: Place
    groups: tuple[str, ...]
    layers: tuple[Variables, ...]

    @cached_property
    def variables(self) -> Mapping[str, Any]:
        """Its variables, merged in the order of precedence. Templates stand as they were written."""
        merged: Variables = {}
        for layer in self.layers:
            merged.update(layer)
        return merged


class Inventory(msgspec.Struct, frozen=True):
    """Hosts by name, in the order of the files; group name → names of all its hosts, sorted."""

    hosts: Mapping[str, Machine]
    groups: Mapping[str, tuple[str, ...]]
    files: tuple[Path, ...]
    notes: tuple[Note, ...] = ()


class Draft:
    """What the files said so far."""

    def __init__(self) -> None:
        self.groups: dict[str, _Group] = {name: _Group() for name in BUILT_IN}
        self.hosts: dict[str, _Host] = {}
        self.files: list[Path] = []
        self.notes: list[Note] = []
        self.declared: set[str] = set(BUILT_IN)

    def mention(self, name: str) -> None:
        """A group is spoken of; it may be declared later."""
        self.groups.setdefault(name, _Group())

    def group(self, name: str) -> None:
        """A group exists."""
        self.groups.setdefault(name, _Group())
        self.declared.add(name)

    def host(self, name: str, group: str, variables: Mapping[str, Any], port: int | None, place: Place) -> None:
        """A host is in `group`; what is said about it later wins."""
        if name not in self.hosts:
            # A port behind the name counts only where the host is first named, as in Ansible.
            self.hosts[name] = _Host(place, {} if port is None else {"ansible_port": port})
        self.groups[group].hosts[name] = None
        self.hosts[name].variables.update(variables)

    def child(self, parent: str, name: str, place: Place) -> None:
        """`name` is a child of `parent`; it may be declared later."""
        self.groups.setdefault(name, _Group())
        self.groups[parent].children.setdefault(name, place)

    def variable(self, group: str, name: str, value: Any) -> None:
        """A variable of a group."""
        if name == "ansible_group_priority" and isinstance(value, int | str) and str(value).lstrip("-").isdigit():
            self.groups[group].priority = int(value)
        else:
            self.groups[group].variables[name] = value

    def note(self, place: Place, text: str, next_step: str = "") -> None:
        """Something odd that does not stop us."""
        self.notes.append(Note("warning", f"{place[0]}, line {place[1]}", text, next_step))

    def resolved(self) -> Inventory:
        """The inventory. Raises `BadConfiguration` for undefined groups and for cycles."""
        self._check_children()
        parents: dict[str, list[str]] = {name: [] for name in self.groups}
        for name, group in self.groups.items():
            for child in group.children:
                parents[child].append(name)
        depths = self._depths(parents)
        above = {name: frozenset(_reached(name, parents)) for name in self.groups}
        own: dict[str, set[str]] = {name: set() for name in self.hosts}
        for name, group in self.groups.items():
            for host in group.hosts:
                own[host] |= above[name]
        order = sorted(self.groups, key=lambda name: (depths[name], self.groups[name].priority, name))
        with_variables = [n for n in order if self.groups[n].variables or self.groups[n].from_files]
        machines = {name: self._machine(name, own[name] | {"all"}, with_variables) for name in self.hosts}
        members: dict[str, list[str]] = {name: [] for name in self.groups}
        for name in sorted(machines):
            machine = machines[name]
            for group_name in ("all", *machine.groups):
                members[group_name].append(name)
            if not machine.groups:
                members["ungrouped"].append(name)
        self._note_shared_names()
        groups = {name: tuple(hosts) for name, hosts in members.items()}
        return Inventory(machines, groups, tuple(self.files), tuple(self.notes))

    def _machine(self, name: str, groups: set[str], with_variables: list[str]) -> Machine:
        named = tuple(sorted(groups - set(BUILT_IN)))
        # Whoever stands in any group has left `ungrouped`, even when listed there too.
        groups = groups - {"ungrouped"} if named else groups | {"ungrouped"}
        host = self.hosts[name]
        inside = [self.groups[n] for n in with_variables if n in groups]
        layers = [g.variables for g in inside] + [g.from_files for g in inside] + [host.variables, host.from_files]
        return Machine(name, host.place, named, tuple(layer for layer in layers if layer))

    def _check_children(self) -> None:
        for parent, group in self.groups.items():
            for child, place in group.children.items():
                if child not in self.declared:
                    raise at(
                        *place,
                        f"group {parent} has the child {child}, but there is no group {child}",
                        _like(child, self.declared, f"add [{child}] or remove this line"),
                    )

    def _depths(self, parents: Mapping[str, list[str]]) -> dict[str, int]:
        """How far each group is below `all`, the longest way. Raises `BadConfiguration` for a cycle."""
        above = {name: parents[name] or ([] if name == "all" else ["all"]) for name in self.groups}
        depths: dict[str, int] = {}
        try:
            for name in TopologicalSorter(above).static_order():
                depths[name] = max((depths[parent] + 1 for parent in above[name]), default=0)
        except CycleError as error:
            circle: list[str] = error.args[1]
            known = [(self.groups[up].children, down) for up, down in pairwise(circle)]
            places = [children[down] for children, down in known if down in children]
            raise at(
                *places[-1],
                f"group {circle[0]} is inside itself: {' > '.join(circle)}",
                "remove one of these children",
            ) from error
        return depths

    def _note_shared_names(self) -> None:
        for name in sorted(set(self.hosts) & set(self.groups)):
            self.note(self.hosts[name].place, f"{name} is both a host and a group", "rename one of them")


def _reached(name: str, parents: Mapping[str, list[str]]) -> Iterator[str]:
    """`name` and all groups above it."""
    waiting, seen = [name], {name}
    while waiting:
        here = waiting.pop()
        yield here
        fresh = [parent for parent in parents[here] if parent not in seen]
        seen.update(fresh)
        waiting.extend(fresh)


def _like(word: str, known: set[str], otherwise: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, sorted(known), 1, 0.7)
    return f"did you mean {near[0]}?" if near else otherwise
