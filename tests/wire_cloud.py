"""A whole cloud as one scripted HTTP server: Keystone's token and catalogue, every service below a path of its own.

Only logging in is prepared; what a service answers is scripted by the test (`cloud.on("/compute/v2.1/servers/detail",
…)`). `source()` is the real OpenStack source, configured by a real clouds.yaml.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from collectors.connections import Connections
from collectors.site import Site
from collectors.sources.openstack import OpenStackSource
from tests.wire_server import Reply, Seen, WireServer, json_reply

PROJECT = "ba12bdf57859444181e050c7545be5ab"
USER = "f29a8e3373f94ac483d76bfc37c5886e"
PASSWORD = "correct horse"

SERVICES = {
    "identity": ("keystone", "/identity/v3"),
    "compute": ("nova", "/compute/v2.1"),
    "shared-file-system": ("manila", "/shared-file-system/v2"),
    "placement": ("placement", "/placement"),
    "network": ("neutron", "/network"),
    "block-storage": ("cinder", f"/volume/v3/{PROJECT}"),
    "image": ("glance", "/image"),
    "orchestration": ("heat", f"/orchestration/v1/{PROJECT}"),
}
"""Service type → (name, path of its endpoint)."""

RECORDED = Path(__file__).parent / "wire" / "openstack"


def recorded(name: str) -> Any:
    """The body of a recorded answer: `compute/os-services@2.96`."""
    return json.loads((RECORDED / f"{name}.json").read_text())["body"]


class WireCloud(WireServer):
    """The server with Keystone's part scripted. Each login gives a new token; `revoked` ones are refused everywhere."""

    def __init__(self, folder: Path, certificate: Path | None = None, client_ca: Path | None = None) -> None:
        super().__init__(certificate, client_ca)
        self.folder = folder
        self.logins = 0
        self.asked_logins: list[dict[str, Any]] = []
        """The `auth` member of every login."""
        self.revoked: set[str] = set()
        self.roles = ["admin", "reader"]
        self.urls: dict[str, str] = {}
        """Service type → URL, for endpoints that are elsewhere."""
        self.further: dict[str, tuple[str, str]] = {}
        """More services, as in SERVICES: what few clouds have."""
        self.places: dict[tuple[str, str], str] = {("RegionOne", name): "" for name in ("public", "internal", "admin")}
        """(region, interface) → a URL that replaces the server's own there, or nothing."""

    def url_of(self, service: str) -> str:
        """The endpoint of a service."""
        return self.urls.get(service, self.url + (SERVICES | self.further)[service][1])

    def catalog(self) -> list[dict[str, Any]]:
        """As a token holds it."""
        return [
            {
                "id": f"service-{kind}",
                "type": kind,
                "name": name,
                "endpoints": [
                    {
                        "id": f"{kind}-{interface}" + ("" if region == "RegionOne" else f"-{region}"),
                        "interface": interface,
                        "region": region,
                        "region_id": region,
                        "url": base + path if base else self.url_of(kind),
                    }
                    for (region, interface), base in self.places.items()
                ],
            }
            for kind, (name, path) in (SERVICES | self.further).items()
        ]

    def _login(self, seen: Seen) -> Reply:
        asked = json.loads(seen.body)["auth"]
        self.asked_logins.append(asked)
        identity = asked["identity"]
        given = (
            identity["password"]["user"]["password"]
            if "password" in identity
            else identity["application_credential"]["secret"]
        )
        if given != PASSWORD:
            said = {
                "code": 401,
                "title": "Unauthorized",
                "message": "The request you have made requires authentication.",
            }
            return json_reply({"error": said}, 401, x_openstack_request_id="req-login")
        self.logins += 1
        project = {"id": PROJECT, "name": "admin", "domain": {"id": "default", "name": "Default"}}
        system = "system" in asked.get("scope", {})
        scope: dict[str, Any] = {"system": {"all": True}} if system else {"project": project, "is_domain": False}
        token: dict[str, Any] = {
            "methods": identity["methods"],
            "user": {"id": USER, "name": "admin", "domain": {"id": "default", "name": "Default"}},
            **scope,
            "roles": [{"id": name, "name": name} for name in self.roles],
            "catalog": self.catalog(),
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "issued_at": "2026-11-20T22:00:00.000000Z",
            "audit_ids": ["a"],
        }
        return json_reply({"token": token}, 201, X_Subject_Token=f"token-{self.logins}")

    def reply(self, seen: Seen) -> Reply:
        """Refuses revoked tokens before the script is asked."""
        if seen.headers.get("x-auth-token") in self.revoked:
            self.seen.append(seen)
            return json_reply({"error": {"code": 401, "message": "token not valid"}}, 401)
        return super().reply(seen)

    def prepare(self) -> None:
        """Script Keystone and write clouds.yaml."""
        version = {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": f"{self.url}/identity/v3/"}]}
        self.on("/identity/v3", json_reply({"version": version}))
        self.on("/identity/v3/auth/tokens", self._login, method="POST")
        self.configure()

    def configure(
        self, *, verify: bool = True, cacert: str = "", settings: dict[str, Any] | None = None, **auth: str
    ) -> None:
        """Write clouds.yaml for the cloud `wire`; `auth` overrides what logs in, `settings` everything else."""
        login = {
            "auth_url": f"{self.url}/identity/v3",
            "username": "admin",
            "password": PASSWORD,
            "project_name": "admin",
            "user_domain_name": "Default",
            "project_domain_name": "Default",
        } | auth
        cloud: dict[str, Any] = {"auth": login, "region_name": "RegionOne", "verify": verify}
        if cacert:
            cloud["cacert"] = cacert
        (self.folder / "clouds.yaml").write_text(json.dumps({"clouds": {"wire": cloud | (settings or {})}}))

    def source(self) -> OpenStackSource:
        """The real source on this cloud."""
        return OpenStackSource(Site("wire", "RegionOne"))

    def connections(self) -> Connections:
        """The same for `collectors.read`."""
        return Connections(Site("wire", "RegionOne"))


@contextmanager
def wire_cloud(
    folder: Path, monkeypatch: Any, certificate: Path | None = None, client_ca: Path | None = None
) -> Iterator[WireCloud]:
    """A running cloud to which OS_CLIENT_CONFIG_FILE points."""
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(folder / "clouds.yaml"))
    for name in ("OS_CLOUD", "OS_AUTH_URL", "OS_USERNAME", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    cloud = WireCloud(folder, certificate, client_ca)
    with cloud:
        cloud.prepare()
        yield cloud
