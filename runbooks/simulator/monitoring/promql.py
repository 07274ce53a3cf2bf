"""The part of PromQL that small dashboards use: selectors, comparisons with a number, sums, aggregations.

For example `up{job="node",instance=~"10.*"} == 0`, `sum by (proxy) (haproxy_backend_active_servers) > 1`, `a + b == 0`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from runbooks.simulator.model.monitoring import Monitoring, Sample

_TOKEN = re.compile(
    r'\s*(?:(?P<name>[A-Za-z_:][\w:]*)|(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)|(?P<text>"(?:[^"\\]|\\.)*")'
    r"|(?P<mark>=~|!~|==|!=|>=|<=|[{}()=,<>+*/-]))"
)
_AGGREGATIONS: dict[str, Callable[[Sequence[float]], float]] = {
    "sum": sum,
    "max": max,
    "min": min,
    "avg": lambda values: sum(values) / len(values),
    "count": lambda values: float(len(values)),
}
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


class ParseError(Exception):
    """What Prometheus says about a query that it does not understand."""


Vector = list[Sample]
Value = Vector | float


@dataclass
class _Parser:
    """Evaluates while it reads: queries are short."""

    monitoring: Monitoring
    text: str
    at: float
    place: int = 0

    def peek(self) -> str:
        found = _TOKEN.match(self.text, self.place)
        return found[0].strip() if found else self.text[self.place :].strip()[:1]

    def take(self, *wanted: str) -> str:
        found = _TOKEN.match(self.text, self.place)
        word = found[0].strip() if found else ""
        if found is None or (wanted and word not in wanted):
            left = self.text[self.place :].strip()
            what = f"unexpected {left[:20]!r}" if left else "unexpected end of input"
            raise ParseError(f"1:{self.place + 1}: parse error: {what}")
        self.place = found.end()
        return word

    def query(self) -> Value:
        value = self.comparison()
        if self.text[self.place :].strip():
            self.take("")
        return value

    def comparison(self) -> Value:
        left = self.addition()
        while (mark := self.peek()) in _COMPARISONS:
            self.take()
            right = self.addition()
            if not isinstance(right, float):
                raise ParseError(f"1:{self.place}: parse error: only comparisons with a number are known here")
            test = _COMPARISONS[mark]
            if isinstance(left, float):
                raise ParseError("1:1: parse error: comparisons between scalars must use BOOL modifier")
            left = [sample for sample in left if test(sample.value, right)]
        return left

    def addition(self) -> Value:
        left = self.operand()
        while self.peek() == "+":
            self.take()
            right = self.operand()
            if isinstance(left, float) and isinstance(right, float):
                left += right
            elif isinstance(left, float) or isinstance(right, float):
                raise ParseError(f"1:{self.place}: parse error: a number and a vector are not added here")
            else:
                left = _added(left, right)
        return left

    def operand(self) -> Value:
        word = self.take()
        if word == "(":
            value = self.comparison()
            self.take(")")
            return value
        if word[:1].isdigit():
            return float(word)
        if word in _AGGREGATIONS:
            return self.aggregation(word)
        if not re.fullmatch(r"[A-Za-z_:][\w:]*", word):
            raise ParseError(f"1:{self.place}: parse error: unexpected {word!r}")
        if self.peek() == "(":
            raise ParseError(f'1:{self.place}: parse error: unknown function with name "{word}"')
        matchers = self.matchers() if self.peek() == "{" else []
        return [each for each in self.monitoring.series(word, self.at) if all(match(each.labels) for match in matchers)]

    def matchers(self) -> list[Callable[..., bool]]:
        self.take("{")
        found: list[Callable[..., bool]] = []
        while self.peek() != "}":
            if not self.peek():
                raise ParseError(f"1:{self.place + 1}: parse error: unexpected end of input inside braces")
            name, mark, text = self.take(), self.take("=", "!=", "=~", "!~"), self.take()
            found.append(_matcher(name, mark, text[1:-1]))
            if self.peek() == ",":
                self.take()
        self.take("}")
        return found

    def aggregation(self, name: str) -> Value:
        by: list[str] = []
        if self.peek() == "by":
            self.take()
            self.take("(")
            while self.peek() != ")":
                by.append(self.take())
                if self.peek() == ",":
                    self.take()
            self.take(")")
        self.take("(")
        inner = self.comparison()
        self.take(")")
        if isinstance(inner, float):
            raise ParseError("1:1: parse error: expected type instant vector in aggregation expression, got scalar")
        groups: dict[tuple[tuple[str, str], ...], list[float]] = {}
        for sample in inner:
            key = tuple((label, sample.labels[label]) for label in by if label in sample.labels)
            groups.setdefault(key, []).append(sample.value)
        return [Sample(dict(key), float(_AGGREGATIONS[name](values))) for key, values in groups.items()]


def _matcher(name: str, mark: str, text: str) -> Callable[..., bool]:
    if mark in ("=~", "!~"):
        pattern = re.compile(text)
        return lambda labels: (pattern.fullmatch(labels.get(name, "")) is not None) == (mark == "=~")
    return lambda labels: (labels.get(name, "") == text) == (mark == "=")


def _added(left: Vector, right: Vector) -> Vector:
    """Values of series with the same labels but for the name."""

    def key(sample: Sample) -> tuple[tuple[str, str], ...]:
        return tuple(sorted((name, value) for name, value in sample.labels.items() if name != "__name__"))

    others = {key(sample): sample.value for sample in right}
    return [Sample(dict(key(s)), s.value + others[key(s)]) for s in left if key(s) in others]


def evaluate(monitoring: Monitoring, text: str, at: float) -> Value:
    """What a query gives at a moment. Raises ParseError."""
    if not text.strip():
        raise ParseError("unknown position: parse error: no expression found in input")
    return _Parser(monitoring, text, at).query()
