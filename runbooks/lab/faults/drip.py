"""Passes connections on, and lets the answers drip: `python3 drip.py PORT ADDRESS PORT`, a byte a second.

It runs inside a host with nothing but Python's own library.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What the client sends goes on at once."""
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What the server answers comes a byte a second."""
    while data := await reader.read(1):
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(1)


def serve(
    address: str, port: int
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]:
    """What is done with each client."""

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            back, on = await asyncio.open_connection(address, port)
        except OSError:
            writer.close()
            return
        going = asyncio.gather(_pass_on(reader, on), _drip(back, writer))
        try:
            await going
        except OSError:
            going.cancel()
        finally:
            on.close()
            writer.close()

    return client


async def main(port: int, address: str, there: int) -> None:
    """Until the process is ended."""
    server = await asyncio.start_server(serve(address, there), "0.0.0.0", port, limit=1 << 16)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
