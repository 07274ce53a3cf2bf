"""What projects may have; `ci` has servers, volumes and ports."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Scenario


def one(which: str, resource: str, limit: str, little: str = "0") -> Scenario:
    """A limit, and how it is refused."""
    values = {"resource": resource, "limit": limit}
    return Scenario(
        f"project.{which}-quota",
        ("ci",),
        values,
        closed=(
            Closed("capacity", ("ci",), {"resource": resource, "limit": little}),
            Closed("sense", ("ci",), values | {"resource": "dreams"}),
        ),
        restores=("name",),
    )


SCENARIOS = (
    one("compute", "cores", "123"),
    one("volume", "gigabytes", "12345"),
    one("network", "port", "678"),
)
