"""One cloud and region as its configuration and its token describe it: session, who we are, where services are.

The catalogue's URL is used as it is, a missing version segment added, so that a list costs a token and one request.
Everything that keystoneauth raises on the way becomes one of our errors here.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from collectors.errors import NotOffered, SourceError
from collectors.site import Site
from collectors.sources import clouds, failures
from collectors.sources.http import address_of, guarded_session
from collectors.sources.later import postponed
from collectors.whole import IMPORTING

if TYPE_CHECKING:
    import requests
    from keystoneauth1.session import Session

_VERSION_PATH: Final = {
    "accelerator": "/v2",
    "alarm": "/v2",
    "application-container": "/v1",
    "baremetal": "/v1",
    "block-storage": "/v3",
    "clustering": "/v1",
    "compute": "/v2.1",
    "container-infrastructure-management": "/v1",
    "dns": "/v2",
    "event": "/v2",
    "identity": "/v3",
    "image": "/v2",
    "instance-ha": "/v1",
    "key-manager": "/v1",
    "load-balancer": "/v2",
    "message": "/v2",
    "metric": "/v1",
    "network": "/v2.0",
    "nfv-orchestration": "/v1.0",
    "rating": "/v1",
    "reservation": "/v1",
    "resource-optimization": "/v1",
    "root-cause-analysis": "/v1",
    "shared-file-system": "/v2",
    "workflow": "/v2",
}
"""What a catalogue URL lacks when it names no version (`http://vip:9696`), by service type."""


class OpenStackCloud:
    """The configured cloud; the token and the connections are made when first needed, and shared."""

    def __init__(self, site: Site, dial: Any = None) -> None:
        self.site = site
        self._dial = dial
        self._lock = threading.RLock()
        self._region: Any = None
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """keystoneauth's session for this cloud; reads clouds.yaml on first use. Raises `BadConfiguration`."""
        with self._lock:
            if self._session is None:
                with IMPORTING, postponed("netaddr"):  # to write addresses in bodies that are sent
                    from keystoneauth1 import session as keystone

                dial = self._dial

                def construct(**options: Any) -> Session:
                    # Debug logging of bodies and timing lists would grow without limit in a console that stays open.
                    options.update(collect_timing=False, timeout=None)
                    return keystone.Session(session=guarded_session(dial), connect_retries=0, **options)

                self._region = clouds.region_of(self.site.cloud, self.site.region, construct)
                self._session = self._region.get_session()
            return self._session

    @property
    def region(self) -> str:
        """The region that is asked; empty when the cloud names none."""
        return str(self._opened().config.get("region_name") or "")

    def _opened(self) -> Any:
        assert self.session is not None
        return self._region

    def access(self) -> Any:
        """keystoneauth's AccessInfo of our token: user, project, roles, catalogue. Raises `SourceError`."""
        session = self.session
        try:
            return session.auth.get_access(session)  # type: ignore[union-attr]
        except SourceError:
            raise
        except Exception as error:
            raise failures.understood(error, "identity") from error

    @property
    def auth_url(self) -> str:
        """Keystone's address as it is configured. Raises `BadConfiguration`."""
        return address_of(str(self._opened().config.get("auth", {}).get("auth_url") or ""))

    @property
    def verifies(self) -> bool:
        """False when this cloud's certificates are not checked."""
        return self._opened().get_requests_verify_args()[0] is not False

    def interfaces(self, service: str) -> list[str]:
        """Which of an endpoint's interfaces we use: `public` unless the cloud's configuration says otherwise."""
        found = self._opened().get_interface(service) or "public"
        return [str(one).removesuffix("URL") for one in ([found] if isinstance(found, str) else found)]

    def bare_session(self) -> requests.Session:
        """A session without our token, with this cloud's TLS settings: for version documents."""
        session = guarded_session(self._dial, cap=1 << 20)
        session.verify, session.cert = self._opened().get_requests_verify_args()
        session.max_redirects = 3
        return session

    @property
    def of_the_system(self) -> bool:
        """True when our token is for the system: most services want one for a project, whatever our roles are."""
        return bool(getattr(self.access(), "system_scoped", False))

    def substitutions(self) -> dict[str, str]:
        """What the templates in endpoint URLs stand for, from our token."""
        access = self.access()
        project, user = str(access.project_id or ""), str(access.user_id or "")
        return {"project_id": project, "tenant_id": project, "user_id": user}

    def endpoint(self, service: str) -> str:
        """Base URL of `service` with its version, without trailing slash. Raises `BadConfiguration`, `SourceError`."""
        region = self._opened()
        url = str(region.get_endpoint(service) or "")
        if not url:
            url = self._catalogued(service, region.get_interface(service) or "public")
        if not url:
            raise NotOffered(
                service,
                f"the catalogue has no {service} in region {self.region or '(any)'}",
                "see `nephoscope get endpoints`; --region chooses another region",
            )
        url = url.rstrip("/")
        suffix = _VERSION_PATH.get(service, "")
        if suffix and not any(part[:1] == "v" and part[1:2].isdigit() for part in url.split("/")[3:]):
            url += suffix
        return url

    def _catalogued(self, service: str, interface: str | list[str]) -> str:
        """What the catalogue of our token says; empty when it has no such service."""
        from keystoneauth1 import exceptions as keystone

        session = self.session
        try:
            found = session.get_endpoint(service_type=service, interface=interface, region_name=self.region or None)
        except (keystone.EndpointNotFound, keystone.EmptyCatalog, ValueError):
            # keystoneauth raises ValueError where a service has two types and neither has an endpoint in this region.
            return ""
        except SourceError:
            raise
        except Exception as error:
            raise failures.understood(error, "identity") from error
        return str(found or "")

    def close(self) -> None:
        """Close the connections; the token lapses by itself."""
        with self._lock:
            if self._session is not None:
                self._session.session.close()
                self._session = None
