"""Threads that never hold up the end of the process."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from collectors.threads import Pool

ROOT = Path(__file__).resolve().parent.parent.parent


def test_results_and_errors_reach_whoever_waits() -> None:
    pool = Pool(2, "test")
    assert pool.submit(pow, 2, 5).result(5) == 32
    with pytest.raises(ZeroDivisionError):
        pool.submit(lambda: 1 // 0).result(5)
    pool.close()


def test_no_more_threads_than_workers() -> None:
    pool = Pool(2, "test")
    gate, names = threading.Event(), set()

    def work() -> None:
        names.add(threading.current_thread().name)
        gate.wait(5)

    futures = [pool.submit(work) for _ in range(6)]
    gate.set()
    for future in futures:
        future.result(5)
    assert names <= {"test_1", "test_2"}
    pool.close()


def test_what_hangs_holds_up_nothing_while_a_thread_may_still_be_made() -> None:
    pool = Pool(2, "test")
    gate = threading.Event()
    pool.submit(pow, 2, 2).result(5)  # its thread waits for more
    hanging = pool.submit(gate.wait, 30)
    assert pool.submit(pow, 2, 3).result(5) == 8
    gate.set()
    assert hanging.result(5)
    pool.close()


def test_what_waits_is_cancelled_and_nothing_is_taken_after_the_close() -> None:
    pool = Pool(1, "test")
    gate, started = threading.Event(), threading.Event()

    def work() -> bool:
        started.set()
        return gate.wait(5)

    running = pool.submit(work)
    assert started.wait(5)
    waiting = pool.submit(pow, 2, 2)
    pool.close()
    gate.set()
    assert running.result(5)
    with pytest.raises(CancelledError):
        waiting.result(5)
    with pytest.raises(CancelledError):
        pool.submit(pow, 2, 2).result(5)


def test_a_stuck_thread_does_not_hold_up_the_end_of_the_process() -> None:
    code = (
        "import threading; from collectors.threads import Pool; "
        "Pool(1, 'x').submit(threading.Event().wait, 60); print('left')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=20, check=True
    )
    assert done.stdout == "left\n"
