"""A running aiohttp server on one socket, as the listeners want it."""

from __future__ import annotations

import asyncio

from aiohttp import web


class Served:
    """An open port with its connections."""

    def __init__(self, server: web.Server, listening: asyncio.Server) -> None:
        self._server = server
        self._listening = listening

    def cut(self) -> None:
        """Stop listening and drop all connections at once, as a killed process does."""
        self._listening.close()
        for connection in self._server.connections:
            if connection.transport is not None:
                connection.transport.abort()
