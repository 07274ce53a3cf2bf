"""What was done to a server."""

from __future__ import annotations

from typing import Any

from tests.collectors.kinds.recordings import joined, row, rows, verdict


def test_the_recorded_actions() -> None:
    (found,) = rows("server-actions", joins=joined("users"))
    action: Any = found
    assert (action.action, action.request_id) == ("create", "req-c5599c5f-6a10-4c3f-9878-a2dbfc3c627f")
    assert (action.user, action.server) == ("admin", "c55bf363-a92e-4ab0-8f60-44631d8e7196")
    assert (action.start_time, action.updated_at) == (1795214032.0, 1795214036.0)
    assert verdict(action, "server-actions") == ("ok", "")


def test_an_action_without_its_server_is_the_parents() -> None:
    assert row("server-actions", request_id="req-1").server == "the-parent"


def test_a_failed_action_says_why() -> None:
    failed = row("server-actions", request_id="req-1", action="resize", message="No valid host was found")
    assert verdict(failed, "server-actions") == ("critical", "No valid host was found")
