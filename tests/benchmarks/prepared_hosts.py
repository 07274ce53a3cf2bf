"""Hosts whose answers are prepared: SSH servers that pass a line on to a simulated host once, then know its answer.

One process cannot compute what 200 hosts have to say as fast as 200 hosts can; what is measured here is who asks. Each
line is told apart by its text without the mark that every batch chooses anew; the mark is put back into the answer.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import TypeAlias

import asyncssh

MARK = re.compile(rb"nephoscope-[0-9a-f]{32}")
MARK_TEXT = re.compile(r"nephoscope-[0-9a-f]{32}")
HERE = "127.0.0.1"

Answer: TypeAlias = tuple[bytes, bytes, int]
"""stdout and stderr with `MARK` in place of the mark, exit status."""


class PreparedHosts:
    """Servers on ports of this machine, one for each host of a simulated cloud."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self._known: dict[tuple[str, str], Answer] = {}
        self._behind: dict[str, asyncssh.SSHClientConnection] = {}
        self._opening = asyncio.Lock()

    async def listen(self, names: list[str]) -> dict[str, int]:
        """Serve these hosts. Host → port."""
        ports = {}
        for name in names:

            async def answer(process: asyncssh.SSHServerProcess[bytes], name: str = name) -> None:
                await self._answer(name, process)

            server = await asyncssh.listen(
                HERE, 0, server_host_keys=[self.key], authorized_client_keys=str(self.state / "id_ed25519.pub"),
                process_factory=answer, encoding=None, compression_algs=None,
            )  # fmt: skip
            ports[name] = server.get_port()
        return ports

    async def _answer(self, name: str, process: asyncssh.SSHServerProcess[bytes]) -> None:
        line = process.command or ""
        mark = MARK_TEXT.search(line)
        asked = (name, MARK_TEXT.sub("MARK", line))
        if asked not in self._known:
            self._known[asked] = await self._passed_on(name, line)
        out, err, status = self._known[asked]
        word = mark[0].encode() if mark else b""
        process.stdout.write(out.replace(b"MARK", word))
        process.stderr.write(err.replace(b"MARK", word))
        process.exit(status)

    async def _passed_on(self, name: str, line: str) -> Answer:
        async with self._opening:
            if name not in self._behind:
                self._behind[name] = await asyncssh.connect(name, config=[str(self.state / "ssh_config")])
        done = await self._behind[name].run(line, encoding=None, stdin=asyncssh.DEVNULL)
        assert isinstance(done.stdout, bytes)
        assert isinstance(done.stderr, bytes)
        return MARK.sub(b"MARK", done.stdout), MARK.sub(b"MARK", done.stderr), done.exit_status or 0


async def _serve(state: Path, names: list[str]) -> None:
    hosts = PreparedHosts(state)
    ports = await hosts.listen(names)
    public = hosts.key.export_public_key().decode().split()
    print(json.dumps({"ports": ports, "key": " ".join(public[:2])}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), sys.argv[2].split(",")))
