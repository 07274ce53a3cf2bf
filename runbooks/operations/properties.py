"""The two verbs on pairs of a record (an aggregate's properties, a flavor's extra specs): set one, remove one.

What differs between the things that have such pairs is a table of words and calls; that a pair is set only when it is
another one, that removing wants it to be there, and that each verb takes the other one back, is said once.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

import msgspec

from collectors.call import RestCall
from runbooks.expect import Expect
from runbooks.operation import (
    Asked,
    Guard,
    Inverse,
    Operation,
    Parameter,
    Step,
    Verdict,
    Work,
    is_closed,
    is_open,
    work,
)
from runbooks.operations.pairs import VALUE, has_key, has_part, pairs_of


class Properties(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that has pairs."""

    thing: str
    """As in the names of its operations, and what the openstack client calls it: `aggregate`."""
    kind: str
    column: str
    """The column of the kind that shows them."""
    name: Parameter
    """What a pair is called."""
    put: Callable[[Asked, str, str], RestCall]
    """The call that sets one (asked, key, value)."""
    take: Callable[[Asked, str], RestCall]
    """The call that removes one (asked, key)."""
    about: tuple[str, str]
    """What setting and removing are for."""
    stops: str = "nothing"
    notes: tuple[str, ...] = ()
    """Of both."""
    set_notes: tuple[str, ...] = ()
    again: str = "sets it to {before} again"
    """What undoing a removal does."""
    others: Callable[[str, bool], str] = lambda key, setting: ""
    """Why a pair of that key is not for these verbs (key, whether it is to be set)."""

    def operations(self) -> tuple[Operation, Operation]:
        """`THING.set` and `THING.unset`."""
        common: dict[str, Any] = {"kind": self.kind, "risk": "R2"}
        setting, removing = self.about
        return (
            Operation(
                name=f"{self.thing}.set",
                title="set {property}={value} on {name}",
                about=setting,
                parameters=(self.name, Parameter("value", "its value", pattern=VALUE)),
                guards=(Guard("sense", self._other_value, "it has another value now"),),
                work=self._set,
                **common,
            ),
            Operation(
                name=f"{self.thing}.unset",
                title="remove {property} of {name}",
                about=removing,
                parameters=(self.name,),
                guards=(Guard("sense", self._has_key, "it has it"),),
                work=self._unset,
                **common,
            ),
        )

    def _before(self, asked: Asked) -> str | None:
        return pairs_of(getattr(asked.row, self.column)).get(asked.values["property"])

    def _command(self, verb: str, text: str, asked: Asked) -> str:
        return f"openstack {self.thing} {verb} --property {shlex.quote(text)} {shlex.quote(asked.identity)}"

    def _set(self, asked: Asked) -> Work:
        key, value, before = asked.values["property"], asked.values["value"], self._before(asked)
        name = f"{self.thing}.set"
        return work(
            Step(
                f"set {key}={value} on {asked.name}",
                self.put(asked, key, value),
                self._command("set", f"{key}={value}", asked),
                Expect(self.kind, asked.identity, has_part(self.column, f"{key}={value}")),
            ),
            stops=self.stops,
            notes=self.notes + self.set_notes,
            inverse=Inverse(f"{self.thing}.unset", asked.identity, {"property": key}, "removes it again")
            if before is None
            else Inverse(name, asked.identity, {"property": key, "value": before}, f"sets it to {before} again"),
        )

    def _unset(self, asked: Asked) -> Work:
        key, before = asked.values["property"], self._before(asked) or ""
        values = {"property": key, "value": before}
        return work(
            Step(
                f"remove {key} of {asked.name}",
                self.take(asked, key),
                self._command("unset", key, asked),
                Expect(self.kind, asked.identity, f"not:{has_key(self.column, key)}"),
            ),
            stops=self.stops,
            notes=self.notes,
            inverse=Inverse(f"{self.thing}.set", asked.identity, values, self.again.format(before=before)),
        )

    def _other_value(self, asked: Asked) -> Verdict:
        key, before = asked.values["property"], self._before(asked)
        if why := self.others(key, True):
            return is_closed(why)
        if before == asked.values["value"]:
            return is_closed(f"{key} is {before} already")
        return is_open(f"{key} is {before}" if before is not None else f"it has no {key}")

    def _has_key(self, asked: Asked) -> Verdict:
        key = asked.values["property"]
        if why := self.others(key, False):
            return is_closed(why)
        return is_open(f"it has {key}") if self._before(asked) is not None else is_closed(f"it has no {key}")
