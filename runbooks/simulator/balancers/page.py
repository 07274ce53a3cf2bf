"""HAProxy's statistics page on each controller's port 1984: `/;csv`, behind Kolla's account."""

from __future__ import annotations

import asyncio
import socket
from base64 import b64encode
from hmac import compare_digest

from aiohttp import web

from runbooks.simulator.balancers.statistics import stat
from runbooks.simulator.listen import Listener, Running
from runbooks.simulator.model.balancers import HAPROXY
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.hosts import Answer
from runbooks.simulator.serving import Served

PORT = 1984
USER = "openstack"
_REFUSED = (
    "<html><body><h1>401 Unauthorized</h1>\n"
    "You need a valid user and password to access this content.\n</body></html>\n"
)


class Page:
    """The page of one HAProxy."""

    def __init__(self, cloud: Cloud, host: str) -> None:
        self.cloud = cloud
        self.host = host

    def listener(self) -> Listener:
        return Listener(self.cloud.hosts[self.host].machine.address, PORT, self.answer, self.start)

    def answer(self) -> Answer:
        """What connecting meets now."""
        return self.cloud.hosts[self.host].answer(HAPROXY)

    async def start(self, sock: socket.socket) -> Running:
        """Serve on `sock`."""
        server = web.Server(self._handle, access_log=None)
        return Served(server, await asyncio.get_running_loop().create_server(server, sock=sock))

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        while self.answer() == "hangs":
            await asyncio.sleep(0.1)
        self.cloud.catch_up()
        if not self._known(request.headers.get("Authorization", "")):
            headers = {"WWW-Authenticate": 'Basic realm="Haproxy Stats"', "Cache-Control": "no-cache"}
            return web.Response(status=401, text=_REFUSED, content_type="text/html", headers=headers)
        if request.path.endswith(";csv"):
            text = stat(self.cloud.balancers, self.host)
            return web.Response(text=text, content_type="text/plain", headers={"Cache-Control": "no-cache"})
        text = "<!DOCTYPE html>\n<html><head><title>Statistics Report for HAProxy</title></head><body></body></html>\n"
        return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-cache"})

    def _known(self, header: str) -> bool:
        word = b64encode(f"{USER}:{self.cloud.secrets.haproxy}".encode()).decode()
        return compare_digest(header.encode(), f"Basic {word}".encode())


def listeners(cloud: Cloud) -> list[Listener]:
    """Every HAProxy's page."""
    return [Page(cloud, host.name).listener() for host in cloud.balancers.hosts]
