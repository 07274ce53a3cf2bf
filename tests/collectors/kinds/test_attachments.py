"""Attachments: which volume at which server, and nothing of how to connect."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.raw import _NO_PATH_OF_ITS_OWN
from collectors.registry import kind
from collectors.request import Rest
from tests.collectors.kinds.recordings import row, rows, verdict


def test_the_recorded_attachment() -> None:
    (found,) = rows("attachments")
    made: Any = found
    assert (made.status, made.server) == ("attached", "feeefbbd-f6c0-4928-bca7-3d959a60dd43")
    assert verdict(made, "attachments") == ("ok", "")


def test_no_view_reads_how_to_connect() -> None:
    """The long list and a single attachment carry `connection_info`, with passwords."""
    request = kind("attachments").read
    assert isinstance(request, Rest)
    assert not request.path.endswith("/detail")
    assert request.path in _NO_PATH_OF_ITS_OWN


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "error_attaching", "instance": "s"}, ("critical", "could not be attached")),
        ({"status": "error_detaching", "instance": "s"}, ("critical", "could not be detached")),
        ({"status": "attached", "instance": None}, ("warning", "attached, but to no server")),
        ({"status": "attaching", "instance": "s"}, ("ok", "attaching: on its way")),
        ({"status": "reserved", "instance": "s"}, ("ok", "reserved: a server may plug it in")),
        ({"status": "attached", "instance": "s"}, ("ok", "")),
        ({}, ("ok", "")),
    ],
)
def test_health(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("attachments", id="a", **fields), "attachments") == expected
