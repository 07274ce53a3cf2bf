"""The part of PromQL that small dashboards use: selectors, comparisons with a number, arithmetic, aggregations, rates.

For example `up{job="node",instance=~"10.*"} == 0`, `sum by (proxy) (haproxy_backend_active_servers) > 1`, `a + b == 0`,
`100 - 100 * max(a) / max(b)`, `sum(rate(c[5m]))`.
"""

from __future__ import annotations

import json
import math
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from runbooks.simulator.model.monitoring import Monitoring, Sample
from runbooks.simulator.monitoring.exporters import Model, series

_TOKEN = re.compile(
    r'\s*(?:(?P<name>[A-Za-z_:][\w:]*)|(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)|(?P<text>"(?:[^"\\]|\\.)*")'
    r"|(?P<mark>=~|!~|==|!=|>=|<=|[][{}()=,<>+*/-]))"
)
_AGGREGATIONS: dict[str, Callable[[Sequence[float]], float]] = {
    "sum": sum,
    "max": max,
    "min": min,
    "avg": lambda values: sum(values) / len(values),
    "count": lambda values: float(len(values)),
}
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
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
    model: Model
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
        left = self.product()
        while (mark := self.peek()) in ("+", "-"):
            self.take()
            left = _reckoned(mark, left, self.product())
        return left

    def product(self) -> Value:
        left = self.operand()
        while (mark := self.peek()) in ("*", "/"):
            self.take()
            left = _reckoned(mark, left, self.operand())
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
        if word == "rate" and self.peek() == "(":
            return self.rate()
        if self.peek() == "(":
            raise ParseError(f'1:{self.place}: parse error: unknown function with name "{word}"')
        matchers = self.matchers() if self.peek() == "{" else []
        return self.selected(word, matchers, self.at)

    def selected(self, name: str, matchers: Sequence[Callable[..., bool]], at: float) -> Vector:
        return [
            each
            for each in series(self.monitoring, self.model, name, at)
            if all(match(each.labels) for match in matchers)
        ]

    def rate(self) -> Vector:
        """The growth of counters per second between two moments; one that began anew counts from nothing."""
        self.take("(")
        name = self.take()
        matchers = self.matchers() if self.peek() == "{" else []
        if self.peek() != "[":
            what = 'expected type range vector in call to function "rate", got instant vector'
            raise ParseError(f"1:{self.place + 1}: parse error: {what}")
        self.take("[")
        number, unit = self.take(), self.take()
        if not number[:1].isdigit() or unit not in _SECONDS:
            raise ParseError(f'1:{self.place}: parse error: bad number or duration syntax: "{number}{unit}"')
        self.take("]")
        self.take(")")
        span = float(number) * _SECONDS[unit]
        before = {_labels(each): each.value for each in self.selected(name, matchers, self.at - span)}
        return [
            Sample(dict(key), (each.value - (before[key] if before[key] <= each.value else 0.0)) / span)
            for each in self.selected(name, matchers, self.at)
            if (key := _labels(each)) in before
        ]

    def matchers(self) -> list[Callable[..., bool]]:
        self.take("{")
        found: list[Callable[..., bool]] = []
        while self.peek() != "}":
            if not self.peek():
                raise ParseError(f"1:{self.place + 1}: parse error: unexpected end of input inside braces")
            name, mark, text = self.take(), self.take("=", "!=", "=~", "!~"), self.take()
            found.append(_matcher(name, mark, self.unquoted(text)))
            if self.peek() == ",":
                self.take()
        self.take("}")
        return found

    def unquoted(self, text: str) -> str:
        try:
            return str(json.loads(text))
        except ValueError:
            raise ParseError(f"1:{self.place}: parse error: unknown escape sequence in {text}") from None

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


def _labels(sample: Sample) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, value) for name, value in sample.labels.items() if name != "__name__"))


def _divided(left: float, right: float) -> float:
    if right:
        return left / right
    return math.copysign(math.inf, left) if left else math.nan


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided,
}


def _reckoned(mark: str, left: Value, right: Value) -> Value:
    """Two numbers, a number and every series, or series with the same labels but for the name."""
    reckon = _ARITHMETIC[mark]
    if isinstance(left, float):
        if isinstance(right, float):
            return reckon(left, right)
        return [Sample(dict(_labels(each)), reckon(left, each.value)) for each in right]
    if isinstance(right, float):
        return [Sample(dict(_labels(each)), reckon(each.value, right)) for each in left]
    others = {_labels(each): each.value for each in right}
    return [Sample(dict(key), reckon(each.value, others[key])) for each in left if (key := _labels(each)) in others]


def evaluate(monitoring: Monitoring, text: str, at: float, model: Model | None = None) -> Value:
    """What a query gives at a moment; `model` is shared by the moments of one question. Raises ParseError."""
    if not text.strip():
        raise ParseError("unknown position: parse error: no expression found in input")
    return _Parser(monitoring, text, at, model or Model(monitoring.cloud)).query()
