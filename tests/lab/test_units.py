"""Units and uwsgi files of the lab's OpenStack services, and the SQL that makes their databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbooks.lab.lab import Lab
from runbooks.lab.layout import Layout
from runbooks.lab.services import cinder, keystone
from runbooks.lab.services.databases import statements
from runbooks.lab.services.units import daemon, uwsgi


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A lab that only exists in its folder."""
    return Lab(tmp_path, Layout(99, "core"), "test")


def test_a_unit_runs_from_the_environment_and_comes_back(lab: Lab) -> None:
    lines = daemon(lab, "A title", "nova-compute --config-file /etc/nova/nova.conf").splitlines()
    assert f"ExecStart={lab.venv}/bin/nova-compute --config-file /etc/nova/nova.conf" in lines
    assert "Restart=always" in lines
    assert "WantedBy=multi-user.target" in lines
    assert "KillMode=mixed" in lines


def test_what_an_agent_started_may_outlive_it(lab: Lab) -> None:
    assert "KillMode=process" in daemon(lab, "A title", "neutron-dhcp-agent", leave_children=True)


def test_an_api_listens_on_the_address_of_its_host_only(lab: Lab) -> None:
    text = uwsgi(lab, keystone.API, "10.99.0.11")
    assert "http-socket = 10.99.0.11:5000\n" in text
    assert "module = keystone.wsgi.api:application\n" in text
    assert "pyargv" not in text


def test_arguments_of_an_api_are_options_only(lab: Lab) -> None:
    text = uwsgi(lab, cinder.API, "10.99.0.11")
    assert "pyargv = --config-file /etc/cinder/cinder.conf\n" in text


def test_databases_are_made_with_an_account_that_may_use_nothing_else() -> None:
    assert statements("nova", "pw", ["nova", "nova_api"]).splitlines() == [
        "CREATE USER IF NOT EXISTS 'nova'@'%' IDENTIFIED BY 'pw';",
        "DROP DATABASE IF EXISTS `nova`;",
        "CREATE DATABASE `nova` CHARACTER SET utf8mb3;",
        "GRANT ALL PRIVILEGES ON `nova`.* TO 'nova'@'%';",
        "DROP DATABASE IF EXISTS `nova_api`;",
        "CREATE DATABASE `nova_api` CHARACTER SET utf8mb3;",
        "GRANT ALL PRIVILEGES ON `nova_api`.* TO 'nova'@'%';",
    ]
