"""Notifications of a running simulator, the whole way: a queue of our own, events, the list, the command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from collectors import registry
from collectors.connections import Connections
from collectors.deadline import Deadline
from collectors.errors import BadConfiguration, Refused, SourceError, Unreachable
from collectors.read import read
from collectors.request import Notifications
from collectors.site import AmqpSite, Endpoint, Secret, Site
from collectors.sources.amqp import AmqpSource
from collectors.sources.amqp_ears import Ears
from tests.agreement import BIN
from tests.ground import Ground
from tests.ground import ground as ground
from tests.wire_amqp import WireAmqp
from tests.wire_server import closed_port


def site(ground: Ground, word: str = "") -> Site:
    password = Secret(lambda: word or (ground.state / "rabbitmq.secret").read_text().strip(), "a test")
    listeners = tuple(Endpoint(f"ctl0{n}", f"127.77.{ground.net}.1{n}", 5672) for n in (1, 2, 3))
    return Site("simulator", amqp=AmqpSite(listeners, "monitor", password), notifications=True)


@pytest.fixture
def connections(ground: Ground) -> Iterator[Connections]:
    found = Connections(site(ground))
    yield found
    found.close()


def ears_of(connections: Connections) -> Ears:
    source = connections.source(Notifications())
    assert isinstance(source, AmqpSource)
    found = source.listen()
    found.wait(Deadline(30))
    return found


def openstack(ground: Ground, *words: str) -> None:
    subprocess.run(
        [str(BIN / "openstack"), *words], env=ground.environment(), check=True, capture_output=True, timeout=60
    )


def until(look: Callable[[], Any], seconds: float = 40.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def queues(ground: Ground) -> list[dict[str, Any]]:
    command = [str(BIN / "nephoscope"), "get", "queues", "name=nephoscope.*", "-o", "json"]
    done = subprocess.run(command, env=ground.environment(), capture_output=True, text=True, timeout=60, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_a_disabled_service_is_heard_of_and_the_queue_is_modest(ground: Ground, connections: Connections) -> None:
    ears = ears_of(connections)
    assert ears.exchanges == ("neutron", "nova", "openstack"), "the account may not hear heat's"
    (ours,) = [row for row in queues(ground) if row["name"].startswith("nephoscope.events.")]
    assert (ours["exclusive"], ours["auto_delete"], ours["durable"], ours["expires"]) == (True, True, False, 60)
    try:
        openstack(ground, "compute", "service", "set", "--disable", "cmp01", "nova-compute")
        (event,) = until(ears.feed.events)
    finally:
        openstack(ground, "compute", "service", "set", "--enable", "cmp01", "nova-compute")
    assert (event.service, event.event_type, event.kind) == ("nova", "service.update", "compute-services")
    assert (event.name, event.host, event.severity) == ("nova-compute@cmp01", "cmp01", "info")
    assert event.request_id.startswith("req-")
    snapshot = read(registry.kind("events"), connections, clock=time.time)
    assert (snapshot.errors, snapshot.odd) == ((), 0)
    rows: Any = snapshot.rows
    assert rows[-1].resource == event.resource, "the newest comes first"
    connections.close()
    until(lambda: not [row for row in queues(ground) if row["name"] == ours["name"]])


def test_when_its_node_dies_another_one_is_listened_to(ground: Ground) -> None:
    source = AmqpSource(site(ground))
    ears = Ears(source, time.time, pauses=(0.05,))
    ears.start()
    try:
        ears.wait(Deadline(30))
        made = ground.inject("rabbitmq-node-out", host="ctl01")
        try:
            until(lambda: not ears.exchanges)
            until(lambda: ears.exchanges)
            assert ears.trouble == ""
        finally:
            ground.ask("undo", id=made)
            ground.ask("clock", advance=60)
    finally:
        ears.close()


def test_a_site_that_does_not_say_so_is_not_listened_to(ground: Ground) -> None:
    silent = Connections(replace(site(ground), notifications=False))
    with pytest.raises(BadConfiguration) as caught:
        ears_of(silent)
    assert caught.value.hint == "notifications = true in [site.simulator]"
    assert silent.system("amqp")._ears is None  # type: ignore[attr-defined]
    silent.close()


@pytest.mark.parametrize(
    ("ports", "word", "kind", "words"),
    [
        ((closed_port(),), "x", Unreachable, "Connection refused"),
        ((), "wrong", Refused, "ACCESS_REFUSED - Login was refused"),
    ],
)
def test_why_nothing_is_heard(
    ground: Ground, ports: tuple[int, ...], word: str, kind: type[SourceError], words: str
) -> None:
    plain = site(ground, word)
    assert plain.amqp is not None
    if ports:
        listeners = tuple(Endpoint("ctl01", "127.0.0.1", port) for port in ports)
        plain = replace(plain, amqp=replace(plain.amqp, listeners=listeners))
    ears = Ears(AmqpSource(plain), time.time, pauses=(0.05,))
    ears.start()
    try:
        with pytest.raises(kind) as caught:
            ears.wait(Deadline(30))
        assert caught.value.why.startswith(words)
        assert "wrong" not in str(caught.value)
    finally:
        ears.close()


def test_a_broker_that_goes_mute_is_left_and_closing_does_not_wait(ground: Ground) -> None:
    with WireAmqp(at={"channel": "hang"}) as mute:
        listener = (Endpoint("ctl01", "127.0.0.1", mute.port),)
        amqp = AmqpSite(listener, "u", Secret(lambda: "w", "a test"))
        ears = Ears(AmqpSource(Site("wire", amqp=amqp, notifications=True)), time.time)
        ears.start()
        until(lambda: "Channel.Open" in mute.seen)
        with pytest.raises(SourceError, match="not connected within"):
            ears.wait(Deadline(0.3))
        ears.close()


def test_closing_does_not_wait_for_a_host_that_does_not_answer() -> None:
    amqp = AmqpSite((Endpoint("ctl01", "192.0.2.1", 5672),), "u", Secret(lambda: "w", "a test"))
    ears = Ears(AmqpSource(Site("wire", amqp=amqp, notifications=True)), time.time)
    ears.start()
    thread = ears._thread
    assert thread is not None
    ears.close()
    assert not thread.is_alive()


def test_the_command_prints_each_event_as_it_comes(ground: Ground) -> None:
    command = [str(BIN / "nephoscope"), "events", "--follow", "-o", "json", "service=nova"]
    with subprocess.Popen(
        command, env=ground.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        try:
            assert running.stderr.readline() == "nephoscope: listening to neutron, nova, openstack\n"
            openstack(ground, "compute", "service", "set", "--disable", "cmp02", "nova-compute")
            found = json.loads(running.stdout.readline())
        finally:
            openstack(ground, "compute", "service", "set", "--enable", "cmp02", "nova-compute")
            running.send_signal(signal.SIGINT)
        assert running.wait(10) == 130
    assert (found["event_type"], found["name"], found["subject"]) == (
        "service.update",
        "nova-compute@cmp02",
        "compute-services",
    )
    assert found["at"].endswith("Z")
    assert found["cloud"] == "simulator"


def test_the_command_listens_for_a_while(ground: Ground) -> None:
    command = [str(BIN / "nephoscope"), "events", "--seconds", "0.2", "-o", "json"]
    environ = {**os.environ, **ground.environment()}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, json.loads(done.stdout)) == (0, [])
