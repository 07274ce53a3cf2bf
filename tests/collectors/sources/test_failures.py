"""The words of services that say no, in whichever shape they say it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from collectors.errors import NotUnderstood, Refused, Unreachable
from collectors.sources.failures import maximum_microversion, message, of_status, request_id, understood
from tests.wire_cloud import recorded


def response(body: Any, status: int = 500, **headers: str) -> requests.Response:
    """An answer as requests gives it."""
    made = requests.Response()
    made.status_code = status
    made._content = body if isinstance(body, bytes) else json.dumps(body).encode()
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"computeFault": {"code": 500, "message": "no"}}, "no"),
        ({"itemNotFound": {"message": "Instance x could not be found."}}, "Instance x could not be found."),
        ({"error": {"code": 401, "title": "Unauthorized", "message": "log in"}}, "log in"),
        ({"error": "plain"}, "plain"),
        ({"message": "top"}, "top"),
        ({"NeutronError": {"type": "X", "message": "no agent", "detail": ""}}, "no agent"),
        ({"NeutronError": "old style"}, "old style"),
        (
            {"errors": [{"status": 400, "title": "Bad Request", "detail": "limit"}, {"title": "second"}]},
            "Bad Request: limit",
        ),
        ({"message": "No image found with ID x<br /><br />\n\n\n", "code": "400"}, "No image found with ID x"),
        ({"badRequest": {}}, ""),
        ({"a": 1, "b": 2}, ""),
        ([], ""),
        (b"<html>down</html>", "HTML instead of JSON"),
        (b"plain text", ""),
        (b"", ""),
        ({"x": {"message": "a\nb\tc\x1b[31m\u202e"}}, "a b c\\x1b[31m\\u202e"),
        ({"x": {"message": "long " * 200}}, "long " * 59 + "long…"),
    ],
)
def test_what_a_service_says(body: Any, words: str) -> None:
    assert message(response(body)) == words


def test_novas_words_for_any_exception_are_shortened_to_the_exception() -> None:
    said = (
        "Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova API log if "
        "possible.\n<class 'oslo_db.exception.DBConnectionError'>"
    )
    body = {"computeFault": {"code": 500, "message": said}}
    assert message(response(body)) == "unexpected error inside the service: oslo_db.exception.DBConnectionError"


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        (json.loads(recorded("errors/nova-406-microversion")), {}, "2.104"),
        ({}, {"OpenStack_API_Maximum_Version": "compute 2.79"}, "2.79"),
        ({}, {"OpenStack_API_Maximum_Version": "2.79"}, "2.79"),
        ({"errors": [{"max_version": "1.39"}]}, {}, "1.39"),
        ({"errors": [7, {"max_version": 1.39}]}, {}, None),
        (b"<html>", {}, None),
        ({}, {}, None),
    ],
)
def test_the_newest_microversion_that_a_refusal_names(body: Any, headers: dict[str, str], expected: str | None) -> None:
    assert maximum_microversion(response(body, 406, **headers)) == expected


def test_the_request_id_by_either_name() -> None:
    assert request_id(response({}, x_openstack_request_id="req-1")) == "req-1"
    assert request_id(response({}, x_compute_request_id="req-2")) == "req-2"
    assert request_id(response({})) == ""


@pytest.mark.parametrize(
    ("status", "kind"), [(301, NotUnderstood), (401, Refused), (418, NotUnderstood), (502, Unreachable)]
)
def test_errors_of_statuses(status: int, kind: type[Exception]) -> None:
    assert type(of_status(response({}, status), "compute")) is kind


def test_an_error_of_our_own_making_is_left_alone() -> None:
    ours = KeyError("ours")
    assert understood(ours, "compute") is ours
