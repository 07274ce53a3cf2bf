"""What the lab itself says to OpenStack's APIs, against a server that answers as they do."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from runbooks.lab.api import ApiError, Cloud
from runbooks.lab.shell import LabError


class Keystone(BaseHTTPRequestHandler):
    """A token for the right password, servers for the right token."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if body["auth"]["identity"]["password"]["user"]["password"] != "right":
            self._answer(401, {"error": {"message": "The request you have made requires authentication."}})
            return
        _, port, *_ = self.request.getsockname()
        endpoints = [
            {"interface": "public", "region": "RegionOne", "url": f"http://127.0.0.1:{port}/compute/"},
            {"interface": "internal", "region": "RegionOne", "url": "http://127.0.0.1:1/never"},
        ]
        token = {"project": {"id": "p"}, "user": {"id": "u"}, "catalog": [{"type": "compute", "endpoints": endpoints}]}
        self._answer(201, {"token": token}, {"X-Subject-Token": "a-token"})

    def do_GET(self) -> None:
        known = self.headers["X-Auth-Token"] == "a-token" and self.headers["OpenStack-API-Version"] == "compute 2.90"
        self._answer(200 if known and self.path == "/compute/servers" else 404, {"servers": []})

    def do_DELETE(self) -> None:
        self.send_response(204)
        self.end_headers()

    def _answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    """Where the server is."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Keystone)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_first_call_signs_in_and_asks_the_public_endpoint(url: str) -> None:
    cloud = Cloud(url, "admin", "right", "admin")
    assert cloud.call("compute", "GET", "/servers") == {"servers": []}
    assert (cloud.project_id, cloud.user_id) == ("p", "u")


def test_no_content_is_none(url: str) -> None:
    assert Cloud(url, "admin", "right", "admin").call("compute", "DELETE", "/servers/1") is None


def test_a_refusal_tells_its_status_and_words(url: str) -> None:
    with pytest.raises(ApiError, match=r"401: .*requires authentication") as refused:
        Cloud(url, "admin", "wrong", "admin").sign_in()
    assert refused.value.status == 401
    assert "wrong" not in str(refused.value)


def test_a_service_that_is_not_in_the_catalogue_is_said_so(url: str) -> None:
    with pytest.raises(LabError, match="network: is not in the catalogue"):
        Cloud(url, "admin", "right", "admin").call("network", "GET", "/v2.0/ports")


def test_nobody_there_is_a_trouble_in_words() -> None:
    with pytest.raises(LabError, match=r"http://127\.0\.0\.1:9/auth/tokens: .*refused"):
        Cloud("http://127.0.0.1:9", "admin", "right", "admin").sign_in()
