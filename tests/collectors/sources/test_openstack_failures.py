"""What the OpenStack source says of services that fail, in each of the ways in which services fail."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from collectors.deadline import Deadline, working
from collectors.errors import (
    BadConfiguration,
    CircuitOpen,
    NoSuchObject,
    NotUnderstood,
    Refused,
    SourceError,
    TooLate,
    Unreachable,
)
from collectors.kind import Scope
from collectors.request import Rest
from collectors.sources.base import Where
from collectors.sources.openstack import OpenStackSource
from tests.wire_cloud import PASSWORD, WireCloud, recorded, wire_cloud
from tests.wire_server import CLOSE, DRIP, HANG, RESET, Reply, closed_port, html_reply, json_reply
from tests.wire_tls import self_signed

SERVERS = Rest("compute", "/servers/detail", "servers", microversion="2.96")
PATH = "/compute/v2.1/servers/detail"
LOGIN = "/identity/v3/auth/tokens"


def failure(source: OpenStackSource, request: Rest = SERVERS, seconds: float = 10) -> SourceError:
    """How a read fails; the source stays open."""
    with working(Deadline(seconds)) as deadline, pytest.raises(SourceError) as caught:
        list(source.read(request, source.targets(Scope(), Where())[0], deadline, Where()))
    return caught.value


def once(cloud: WireCloud, *replies: Reply, seconds: float = 10) -> SourceError:
    """How a first read of servers fails when they answer so."""
    cloud.on(PATH, *replies)
    source = cloud.source()
    try:
        return failure(source, seconds=seconds)
    finally:
        source.close()


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (400, NotUnderstood, "400 no good"),
        (403, Refused, "403 no good"),
        (404, NoSuchObject, "404 no good"),
        (409, NotUnderstood, "409 no good"),
        (413, Unreachable, "413 no good"),
        (429, Unreachable, "429 no good"),
        (500, Unreachable, "500 no good"),
        (503, Unreachable, "503 no good"),
    ],
)
def test_a_status_that_is_no_success(cloud: WireCloud, status: int, kind: type[SourceError], words: str) -> None:
    body = {"computeFault": {"code": status, "message": "no good"}}
    error = once(cloud, json_reply(body, status, x_openstack_request_id="req-17"))
    assert type(error) is kind
    assert error.why == words
    assert error.request_id == "req-17"
    assert error.status == status
    assert error.what == f"compute at {cloud.url}{PATH}"
    assert "(request req-17)" in str(error)


def test_a_server_error_says_which_request_id_to_look_for(cloud: WireCloud) -> None:
    error = once(cloud, json_reply({"x": {"message": "m"}}, 500, x_openstack_request_id="req-17"))
    assert error.hint == "search the service's log for req-17"


def test_a_forbidden_list_says_which_role_is_needed(cloud: WireCloud) -> None:
    assert "reader or admin role" in once(cloud, json_reply({"forbidden": {"message": "policy"}}, 403)).hint


def test_html_with_an_error_status(cloud: WireCloud) -> None:
    error = once(cloud, html_reply("<html>503 Service Unavailable</html>", 503))
    assert isinstance(error, Unreachable)
    assert error.why == "503 HTML instead of JSON"


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (html_reply(), "answered HTML"),
        (Reply(body=b""), "answered with an empty body"),
        (Reply(body=b"  \n"), "answered with an empty body"),
        (Reply(body=b"not json"), "answered something that is not the JSON we expect"),
        (Reply(body=b'{"servers": [{"id": "a"}'), "answered something that is not the JSON we expect"),
        (json_reply([1, 2]), "answered something that is not the JSON we expect"),
        (json_reply({"flavors": []}), "the answer has no “servers”"),
        (json_reply({"servers": None}), "the answer has no “servers”"),
        (Reply(body=b'{"servers": ' + b"[" * 100_000), "answered something that is not the JSON we expect"),
        (html_reply("<html>" + "x" * 10_000_000), "answered HTML"),
    ],
    ids=["html", "empty", "blank", "text", "cut off", "list", "other key", "null", "deep", "10 MB of html"],
)
def test_an_answer_that_is_not_understood(cloud: WireCloud, reply: Reply, words: str) -> None:
    error = once(cloud, reply)
    assert isinstance(error, NotUnderstood)
    assert words in error.why
    assert len(str(error)) < 1000


def test_ten_megabytes_of_rows_are_read(cloud: WireCloud) -> None:
    rows = [{"id": f"{number}", "name": "x" * 1000} for number in range(10_000)]
    cloud.on(PATH, json_reply({"servers": rows}))
    source = cloud.source()
    with working(Deadline(10)) as deadline:
        (page,) = source.read(SERVERS, "wire", deadline, Where())
    assert page.raw is not None
    assert len(page.raw) > 10_000_000
    source.close()


def test_a_body_without_end_is_cut_off_at_the_cap(cloud: WireCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.sources.http.guarded_session.__defaults__", (None, 1 << 20))
    error = once(cloud, Reply(body=b" " * (2 << 20)))
    assert isinstance(error, NotUnderstood)
    assert error.why == "the answer is larger than 1 MiB"


# -- connections ------------------------------------------------------------------------------------------------------


def test_nothing_listens(cloud: WireCloud) -> None:
    cloud.urls["compute"] = f"http://127.0.0.1:{closed_port()}/v2.1"
    error = once(cloud)
    assert type(error) is Unreachable
    assert error.why == "Connection refused"
    assert error.what == f"compute at {cloud.urls['compute']}/servers/detail"


@pytest.mark.parametrize("reply", [RESET, CLOSE, Reply(then="garbage")], ids=["reset", "close", "garbage"])
def test_the_connection_ends_without_an_answer(cloud: WireCloud, reply: Reply) -> None:
    error = once(cloud, reply)
    assert type(error) is Unreachable
    assert error.why


@pytest.mark.parametrize(
    "reply",
    [HANG, DRIP, Reply(then="drip headers"), Reply(body=b'{"servers"', then="hang in body")],
    ids=["hangs", "drips", "drips headers", "hangs in the body"],
)
def test_the_deadline_is_kept_whatever_the_service_does(cloud: WireCloud, reply: Reply) -> None:
    began = time.monotonic()
    error = once(cloud, reply, seconds=0.5)
    assert type(error) is TooLate
    assert error.why == "did not finish within 0.5 s"
    assert time.monotonic() - began < 2


def test_the_deadline_covers_the_login(cloud: WireCloud) -> None:
    cloud.on(LOGIN, HANG, method="POST")
    error = once(cloud, seconds=0.5)
    assert type(error) is TooLate
    assert re.search(r"did not finish within 0\.5 s|no answer in time", error.why)  # the socket's own limit is the same


def test_a_connection_that_is_used_again_is_guarded_again(cloud: WireCloud) -> None:
    cloud.on(PATH, json_reply({"servers": []}), DRIP)
    source = cloud.source()
    with working(Deadline(10)) as deadline:
        list(source.read(SERVERS, "wire", deadline, Where()))
    assert type(failure(source, seconds=0.5)) is TooLate
    source.close()


def test_a_connection_that_the_service_closed_meanwhile_is_opened_anew(cloud: WireCloud) -> None:
    closing = Reply(200, b'{"servers": []}', (("Connection", "close"),))
    cloud.on(PATH, closing)
    source = cloud.source()
    for _ in range(3):
        with working(Deadline(10)) as deadline:
            list(source.read(SERVERS, "wire", deadline, Where()))
    assert len(cloud.asked(PATH)) == 3
    source.close()


# -- logging in -------------------------------------------------------------------------------------------------------


def test_a_wrong_password(cloud: WireCloud) -> None:
    cloud.configure(password="Tr0ub4dor&3")
    error = once(cloud)
    assert type(error) is Refused
    assert error.what == "identity"
    assert error.status == 401
    assert error.request_id == "req-login"
    assert "check user, password and project" in error.hint
    assert "Tr0ub4dor" not in str(error)


def test_a_token_that_expired_is_renewed_once_and_unseen(cloud: WireCloud) -> None:
    cloud.on(PATH, json_reply({"servers": []}))
    source = cloud.source()
    for revoked in ("token-0", "token-1"):
        cloud.revoked.add(revoked)
        with working(Deadline(10)) as deadline:
            list(source.read(SERVERS, "wire", deadline, Where()))
    assert cloud.logins == 2
    assert [seen.headers["x-auth-token"] for seen in cloud.asked(PATH)] == ["token-1", "token-1", "token-2"]
    source.close()


def test_a_service_that_refuses_every_token_is_not_blamed_on_the_password(cloud: WireCloud) -> None:
    error = once(cloud, json_reply(recorded_error("nova-401"), 401))
    assert type(error) is Refused
    assert error.what == f"compute at {cloud.url}{PATH}"
    assert "keystone_authtoken" in error.hint
    assert cloud.logins == 2


def recorded_error(name: str) -> object:
    """The body of a recorded error."""
    import json

    return json.loads(recorded(f"errors/{name}"))


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("nova-400", 400, "Invalid input for query parameters limit. Value: x. 'x' does not match '^[0-9]*$'"),
        ("nova-404", 404, "Instance nope could not be found."),
    ],
)
def test_the_words_of_recorded_errors(cloud: WireCloud, name: str, status: int, words: str) -> None:
    assert once(cloud, json_reply(recorded_error(name), status)).why == f"{status} {words}"


def test_keystone_is_down(cloud: WireCloud) -> None:
    port = closed_port()
    cloud.configure(auth_url=f"http://127.0.0.1:{port}/v3")
    error = once(cloud)
    assert isinstance(error, Unreachable)
    assert str(port) in str(error)


@pytest.mark.parametrize("reply", [html_reply(), Reply(body=b""), json_reply({"x": 1})], ids=["html", "empty", "json"])
def test_the_auth_url_is_not_keystones(cloud: WireCloud, reply: Reply) -> None:
    cloud.on("/identity/v3", reply)
    cloud.on(LOGIN, reply, method="POST")
    error = once(cloud)
    assert error.what.startswith("identity")
    assert error.hint


def test_keystone_answers_500(cloud: WireCloud) -> None:
    cloud.on(LOGIN, json_reply({"error": {"message": "database is gone"}}, 500), method="POST")
    error = once(cloud)
    assert isinstance(error, Unreachable)
    assert error.what == "identity"
    assert error.status == 500


def test_a_password_is_missing(cloud: WireCloud) -> None:
    text = (cloud.folder / "clouds.yaml").read_text().replace(f', "password": "{PASSWORD}"', "")
    (cloud.folder / "clouds.yaml").write_text(text)
    error = once(cloud)
    assert type(error) is BadConfiguration
    assert error.hint


# -- the circuit breaker ----------------------------------------------------------------------------------------------


def test_after_three_failures_a_service_is_left_alone_and_others_are_not(cloud: WireCloud) -> None:
    cloud.on(PATH, json_reply({"computeFault": {"message": "down"}}, 503))
    cloud.on("/network/v2.0/agents", json_reply({"agents": []}))
    source = cloud.source()
    for _ in range(3):
        assert type(failure(source)) is Unreachable
    error = failure(source)
    assert type(error) is CircuitOpen
    assert error.why.startswith("did not answer 3 times; next try in 1")
    assert len(cloud.asked(PATH)) == 3
    with working(Deadline(10)) as deadline:
        assert len(list(source.read(Rest("network", "/agents", "agents"), "wire", deadline, Where()))) == 1
    source.close()


def test_a_refusal_is_no_outage(cloud: WireCloud) -> None:
    cloud.on(PATH, json_reply({"forbidden": {"message": "policy"}}, 403))
    source = cloud.source()
    for _ in range(5):
        assert type(failure(source)) is Refused
    source.close()


def test_a_reader_that_goes_away_leaves_the_circuit_closed(cloud: WireCloud) -> None:
    cloud.on(PATH, json_reply({"servers": [{"id": "a"}], "servers_links": [{"rel": "next", "href": "?marker=a"}]}))
    source = cloud.source()
    source.breaker("compute").failed(0)
    with working(Deadline(10)) as deadline:
        reading = source.read(SERVERS, "wire", deadline, Where())
        next(iter(reading))
        reading.close()  # type: ignore[attr-defined]
    assert source.breaker("compute").failures == 0
    source.close()


# -- TLS --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A file with a key and a certificate for 127.0.0.1 that nobody else signed."""
    return self_signed(tmp_path)


def test_a_certificate_that_nobody_signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certificate: Path) -> None:
    with wire_cloud(tmp_path, monkeypatch, certificate) as cloud:
        error = once(cloud)
    assert type(error) is Unreachable
    assert error.why == "TLS: self-signed certificate"
    assert "cacert" in error.hint
    assert cloud.url in error.what


def test_the_same_certificate_once_it_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certificate: Path
) -> None:
    with wire_cloud(tmp_path, monkeypatch, certificate) as cloud:
        cloud.configure(cacert=str(certificate))
        cloud.on(PATH, json_reply({"servers": []}))
        source = cloud.source()
        for _ in range(2):  # the second read uses the TLS connection again
            with working(Deadline(10)) as deadline:
                assert len(list(source.read(SERVERS, "wire", deadline, Where()))) == 1
        source.close()


def test_the_deadline_is_kept_inside_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certificate: Path) -> None:
    with wire_cloud(tmp_path, monkeypatch, certificate) as cloud:
        cloud.configure(cacert=str(certificate))
        assert type(once(cloud, DRIP, seconds=0.7)) is TooLate


def test_verification_can_be_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certificate: Path) -> None:
    with wire_cloud(tmp_path, monkeypatch, certificate) as cloud:
        cloud.configure(verify=False)
        cloud.on(PATH, json_reply({"servers": []}))
        source = cloud.source()
        with working(Deadline(10)) as deadline:
            assert len(list(source.read(SERVERS, "wire", deadline, Where()))) == 1
        assert source.verifies is False
        source.close()


def test_tls_spoken_to_a_plain_port(cloud: WireCloud) -> None:
    cloud.urls["compute"] = cloud.url.replace("http:", "https:") + "/compute/v2.1"
    error = once(cloud)
    assert type(error) is Unreachable
    assert "speaks no TLS" in error.why
