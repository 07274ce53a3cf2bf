"""An operation in words: for `nephoscope operations NAME`, the help page and docs/operations.md."""

from __future__ import annotations

from collections.abc import Iterator

from runbooks.operation import RISKS, Operation


def record(operation: Operation) -> dict[str, object]:
    """Everything declared, as JSON values."""
    return {
        "name": operation.name,
        "kind": operation.kind,
        "about": operation.about,
        "risk": operation.risk,
        "rows": operation.rows,
        "offered_on": [offer.kind for offer in operation.offers],
        "roles": list(operation.roles),
        "account": operation.account,
        "irreversible": operation.irreversible,
        "guards": [{"name": guard.name, "about": guard.about} for guard in operation.guards],
        "parameters": [
            {"name": p.name, "about": p.about, "default": p.default, "choices": list(p.choices)}
            for p in operation.parameters
        ],
    }


def lines(operation: Operation) -> Iterator[str]:
    """The same for people."""
    yield f"{operation.name}: {operation.about}\n\n"
    rows = f" with {operation.rows}" if operation.rows else ""
    rows += "".join(f", and from {offer.kind}" for offer in operation.offers)
    yield f"  on      {operation.kind}{rows}\n"
    taken = (
        "cannot be taken back; the name must be typed" if operation.irreversible else "see the plan for the way back"
    )
    yield f"  risk    {operation.risk}: {RISKS[operation.risk]}\n  undo    {taken}\n"
    who = " or ".join(operation.roles) if operation.account == "openstack" else f"the account of {operation.account}"
    yield f"  who     {who}\n"
    for place, parameter in enumerate(operation.parameters):
        told = f" ({parameter.default or 'empty'})" if parameter.default is not None else ""
        one_of = f"; one of {', '.join(parameter.choices)}" if parameter.choices else ""
        yield f"  {'takes' if not place else '     '}   {parameter.name}: {parameter.about}{one_of}{told}\n"
    for place, guard in enumerate(operation.guards):
        yield f"  {'guards' if not place else '      '}  {guard.name}: {guard.about}\n"
