"""A plan as its second person sees it before signing: the plan in words, every target, and what the signature says."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.untrusted import neutral
from collectors.values import iso
from runbooks.plan import Plan
from views.text import plan as plans


def lines(plan: Plan, until: float, *, width: int, ascii_only: bool) -> Iterator[str]:
    """The text, line by line; nothing is left out that would be changed."""
    yield from plans.text(plan, width=width, ascii_only=ascii_only)
    where = "/".join(part for part in (plan.cloud, plan.region) if part)
    yield f"\n cloud     {neutral(where)}\n"
    for place, part in enumerate(plan.parts):
        name = part.name if part.name == part.target else f"{part.name} ({part.target})"
        yield f" {'targets' if not place else '':<9} {neutral(name)}\n"
    for place, (name, value) in enumerate(plan.values.items()):
        yield f" {'with' if not place else '':<9} {neutral(name)}={neutral(value)}\n"
    yield f" plan      {plan.hash}\n signed    valid until {iso(int(until))}\n\n"
