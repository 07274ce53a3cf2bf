"""Simulated hosts with real SSH servers, in a thread of their own, for tests of servers and of clients."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from runbooks.simulator.__main__ import LOCK_PORT, NETS
from runbooks.simulator.clock import Clock
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Driver, Layout
from runbooks.simulator.listen import Listeners
from runbooks.simulator.model.cloud import Cloud, build
from runbooks.simulator.ssh.gate import PORT, Realm
from runbooks.simulator.ssh.keys import Keys
from runbooks.simulator.state import write_all

T = TypeVar("T")


class SshGround:
    """A region's hosts behind SSH, with the state folder that a client needs.

    The model lives in the ground's thread: `change` runs a function there and waits until all sockets are in line.
    """

    def __init__(self, folder: Path, computes: int = 4, network: Driver = "ovs") -> None:
        self.folder = folder
        self.keys = Keys()
        self.computes = computes
        self.network = network
        self.cloud: Cloud
        self._listeners = Listeners()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ssh-ground", daemon=True)

    def __enter__(self) -> SshGround:
        self._thread.start()
        self._do(self._start)
        write_all(self.folder, [self.cloud], self.keys, "test")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._stop)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def config(self) -> Path:
        return self.folder / "ssh_config"

    def address(self, host: str) -> str:
        return self.cloud.hosts[host].machine.address

    def change(self, what: Callable[[Cloud], T]) -> T:
        """Run `what` on the model, spread the consequences, and wait until every socket follows."""

        async def run() -> T:
            found = what(self.cloud)
            self.cloud.settle()
            await self._listeners.settled()
            return found

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    def _do(self, what: Callable[[], object]) -> None:
        done: Future[object] = Future()

        async def run() -> None:
            try:
                found = what()
                if asyncio.iscoroutine(found):
                    await found
                done.set_result(None)
            except BaseException as problem:
                done.set_exception(problem)
                raise

        asyncio.run_coroutine_threadsafe(run(), self._loop)
        done.result(20)

    async def _start(self) -> None:
        for net in reversed(NETS):
            lock = socket.socket()
            try:
                lock.bind((f"127.77.{net}.1", LOCK_PORT))
            except OSError:
                lock.close()  # a simulator or another test has this network
                continue
            self._lock = lock
            cloud = build(Layout(net, self.computes, network=self.network), Seed(), Clock(), servers=4)
            opened = Listeners(Realm([cloud], self.keys).listeners())
            await opened.follow()
            self.cloud, self._listeners = cloud, opened
            cloud.changed.append(opened.changed)
            return
        raise OSError("no network is free")

    async def _stop(self) -> None:
        self._listeners.close()
        self._lock.close()
        for _ in range(3):
            await asyncio.sleep(0)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.01)


__all__ = ["PORT", "SshGround"]
