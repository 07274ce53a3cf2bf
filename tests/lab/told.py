"""What `nephoscope get` tells of any ground, as rows."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from tests.agreement import BIN
from tests.ground import Ground


def rows_of(ground: Ground, kind: str, *filters: str) -> list[dict[str, Any]]:
    """The rows of a kind, also of a partial answer."""
    command = [str(BIN / "nephoscope"), "get", kind, *filters, "-o", "json"]
    done = subprocess.run(command, env=ground.environment(), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 69, 75), done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout or "[]")
    return found
