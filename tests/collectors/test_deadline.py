"""A deadline ends what is blocked, whatever it is blocked in, and leaves alone what is over."""

from __future__ import annotations

import socket
import threading

import pytest

from collectors.deadline import Deadline, current, working


@pytest.fixture
def pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair()


def test_a_blocked_read_ends_at_the_deadline(pair: tuple[socket.socket, socket.socket]) -> None:
    near, far = pair
    with near, far, working(Deadline(0.05)) as deadline:
        deadline.guard_socket(near)
        assert near.recv(1) == b""  # without the deadline this would wait for ever
        assert deadline.expired


def test_a_server_that_drips_is_cut_off(pair: tuple[socket.socket, socket.socket]) -> None:
    near, far = pair
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(0.005):
            try:
                far.send(b".")
            except OSError:
                return

    thread = threading.Thread(target=drip)
    with near, far, working(Deadline(0.1)) as deadline:
        deadline.guard_socket(near)
        thread.start()
        while near.recv(1):
            pass
        assert deadline.expired
        stop.set()
        thread.join()


def test_what_finished_in_time_is_left_alone(pair: tuple[socket.socket, socket.socket]) -> None:
    near, far = pair
    with near, far:
        with working(Deadline(30)) as deadline:
            deadline.guard_socket(near)
        deadline.end()
        far.send(b"x")
        assert near.recv(1) == b"x"


def test_a_released_socket_is_left_alone(pair: tuple[socket.socket, socket.socket]) -> None:
    near, far = pair
    with near, far:
        deadline = Deadline(30)
        deadline.release(deadline.guard_socket(near))
        deadline.end()
        far.send(b"x")
        assert near.recv(1) == b"x"


def test_what_is_guarded_after_the_end_ends_at_once() -> None:
    ended: list[str] = []
    deadline = Deadline(30)
    deadline.end()
    deadline.guard(lambda: ended.append("late"))
    assert ended == ["late"]
    assert deadline.expired


def test_remaining_serves_as_a_timeout() -> None:
    assert 29 < Deadline(30).remaining() <= 30
    assert Deadline(-1).remaining() > 0


def test_each_thread_works_under_its_own_deadline() -> None:
    seen: list[object] = []
    with working(Deadline(30)) as outer:
        thread = threading.Thread(target=lambda: seen.append(current()))
        thread.start()
        thread.join()
        with working(Deadline(5)) as inner:
            assert current() is inner
        assert current() is outer
    assert seen == [None]
    assert current() is None
