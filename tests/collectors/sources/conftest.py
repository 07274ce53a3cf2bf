"""A scripted cloud for the tests of the OpenStack source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.wire_cloud import WireCloud, wire_cloud


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WireCloud]:
    """A running cloud, configured by a clouds.yaml of its own."""
    with wire_cloud(tmp_path, monkeypatch) as running:
        yield running
