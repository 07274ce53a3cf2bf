"""Where the broker's clients connect: beside the management APIs, with what the site says otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collectors.errors import BadConfiguration
from collectors.site import AmqpSite, Endpoint
from console.config import load_site
from tests.console.config.files import toml

BROKER = (
    "[site.prod.hosts.ctl01]\naddress = '10.0.0.11'\n"
    "[site.prod.rabbitmq]\nuser = 'watch'\npassword = {env = 'P'}\n"
    "nodes = ['ctl01', {host = 'ctl02', url = 'https://mq02.example:15671'}]\n"
)


def amqp(tmp_path: Path, more: str = "") -> AmqpSite:
    environ = toml(tmp_path, BROKER + more) | {"P": "word", "Q": "other"}
    found = load_site("prod", "", environ).amqp
    assert found is not None
    return found


def test_the_listeners_are_on_the_machines_of_the_apis(tmp_path: Path) -> None:
    found = amqp(tmp_path)
    assert found.listeners == (Endpoint("ctl01", "10.0.0.11", 5672), Endpoint("ctl02", "mq02.example", 5672))
    assert (found.user, found.password.reveal(), found.vhost, found.tls, found.via) == ("watch", "word", "/", False, "")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("amqp_tls = true", {"tls": True, "port": 5671}),
        ("amqp_port = 5673", {"tls": False, "port": 5673}),
        ("amqp_tls = true\namqp_port = 7", {"tls": True, "port": 7}),
        ("vhost = '/cloud'", {"vhost": "/cloud"}),
        ("via = 'ssh:ctl01'", {"via": "ssh:ctl01"}),
        ("amqp_user = 'ears'\namqp_password = {env = 'Q'}", {"user": "ears", "word": "other"}),
        ("amqp_password = {env = 'Q'}", {"user": "watch", "word": "other"}),
    ],
)
def test_what_the_site_says_otherwise(tmp_path: Path, more: str, expected: dict[str, Any]) -> None:
    found = amqp(tmp_path, more)
    told = {"tls": found.tls, "port": found.listeners[0].port, "vhost": found.vhost, "via": found.via}
    told |= {"user": found.user, "word": found.password.reveal()}
    assert told | expected == told


def test_another_user_needs_a_password_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration) as caught:
        amqp(tmp_path, "amqp_user = 'ears'")
    assert caught.value.what.endswith("[site.prod.rabbitmq] amqp_password")
    assert caught.value.why == "the password of ears is missing"
    assert caught.value.hint.startswith('add amqp_password = {file = "…"}')


def test_without_a_broker_there_are_no_listeners(tmp_path: Path) -> None:
    assert load_site("prod", "", toml(tmp_path, "[site.prod]\n")).amqp is None


@pytest.mark.parametrize(
    ("text", "heard"), [("", False), ("notifications = true", True), ("notifications = false", False)]
)
def test_notifications_are_heard_only_where_the_site_says_so(tmp_path: Path, text: str, heard: bool) -> None:
    assert load_site("prod", "", toml(tmp_path, f"[site.prod]\n{text}\n")).notifications is heard
