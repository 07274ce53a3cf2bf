"""OpenStack's APIs, as far as the lab itself calls them: a token, the catalogue, JSON in and out.

Deliberately not an SDK: the lab needs no more than the standard library on the machine.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from runbooks.lab.lab import Lab
from runbooks.lab.services.options import REGION, auth_url
from runbooks.lab.shell import LabError, wait_until

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""No proxy of this machine stands between it and its own hosts."""

MICROVERSION = {"compute": "compute 2.90", "volumev3": "volume 3.70", "placement": "placement 1.39"}


class ApiError(LabError):
    """An API answered with an error."""

    def __init__(self, what: str, status: int, why: str) -> None:
        super().__init__(what, f"{status}: {why}")
        self.status = status


class Cloud:
    """Somebody in a project of the cloud; the catalogue is read with the token, on the first call."""

    def __init__(self, url: str, user: str, password: str, project: str) -> None:
        self._url = url
        self._user = user
        self._password = password
        self._project = project
        self._token = ""
        self._endpoints: dict[str, str] = {}
        self.project_id = ""
        self.user_id = ""

    def sign_in(self) -> None:
        """A new token. Raises LabError."""
        user = {"name": self._user, "domain": {"name": "Default"}, "password": self._password}
        scope = {"project": {"name": self._project, "domain": {"name": "Default"}}}
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}
        headers, answer = self._send("POST", f"{self._url}/auth/tokens", {}, json.dumps(body).encode())
        token = json.loads(answer)["token"]
        self._token = headers["X-Subject-Token"]
        self.project_id, self.user_id = token["project"]["id"], token["user"]["id"]
        self._endpoints = {
            service["type"]: endpoint["url"].rstrip("/")
            for service in token["catalog"]
            for endpoint in service["endpoints"]
            if endpoint["interface"] == "public" and endpoint["region"] == REGION
        }
        self._endpoints["identity"] = self._url

    def call(self, service: str, method: str, path: str, body: Any = None) -> Any:
        """What the service answers, decoded; None for no content. Raises ApiError, LabError."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        answer = self.send(service, method, path, headers, data)
        return json.loads(answer) if answer else None

    def send(self, service: str, method: str, path: str, headers: Mapping[str, str], data: bytes | None) -> bytes:
        """Bytes in and out, with a token."""
        if not self._token:
            self.sign_in()
        if service not in self._endpoints:
            raise LabError(f"the service {service}", "is not in the catalogue")
        more = {"X-Auth-Token": self._token, **headers}
        if service in MICROVERSION:
            more["OpenStack-API-Version"] = MICROVERSION[service]
        return self._send(method, self._endpoints[service] + path, more, data)[1]

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], data: bytes | None
    ) -> tuple[Mapping[str, str], bytes]:
        known = {"Content-Type": "application/json", "Accept": "application/json", **headers}
        request = urllib.request.Request(url, data=data, headers=known, method=method)
        try:
            with _OPENER.open(request, timeout=60) as answer:
                return answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace").strip().replace("\n", " ")
            raise ApiError(f"{method} {url}", error.code, said[:300]) from error
        except OSError as error:
            raise LabError(f"{method} {url}", str(error)) from error


def admin(lab: Lab) -> Cloud:
    """The admin, in the project admin."""
    return Cloud(auth_url(lab), "admin", lab.secrets["keystone_admin"], "admin")


def demo(lab: Lab) -> Cloud:
    """The user demo, in the project demo."""
    return Cloud(auth_url(lab), "demo", lab.secrets["keystone_demo"], "demo")


def wait_behind_proxy(lab: Lab, port: int, seconds: float = 60) -> None:
    """Wait until an API answers at the virtual address: HAProxy looks twice before it believes it. Raises LabError."""
    url = f"http://{lab.layout.vip}:{port}/"

    def answers() -> bool:
        try:
            with _OPENER.open(url, timeout=10) as answer:
                return bool(answer.status < 500)
        except urllib.error.HTTPError as error:
            return error.code < 500
        except OSError:
            return False

    if not wait_until(answers, seconds):
        raise LabError(url, f"no answer after {seconds:g} s")
