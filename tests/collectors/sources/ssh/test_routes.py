"""The way to a host: what the site says, what ssh_config says, and which of them counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.site import Site, SiteHost, SshSettings
from collectors.sources import ssh_config
from collectors.sources.routes import Hop, Routes


def way(folder: Path, text: str = "", host: str = "ctl01", hosts: tuple[SiteHost, ...] = (), **settings: object) -> Hop:
    path = folder / "config"
    path.write_text(text)
    site = Site("test", hosts={each.name: each for each in hosts}, ssh=SshSettings(config=path, **settings))  # type: ignore[arg-type]
    return Routes(site, ssh_config.read(path, folder), folder, "/agent").to(host)


CTL01 = SiteHost("ctl01", "10.0.0.11", ("control",))


def test_the_sites_address_counts_where_ssh_config_names_none(tmp_path: Path) -> None:
    hop = way(tmp_path, hosts=(CTL01,))
    assert (hop.address, hop.port, hop.key_name, hop.through) == ("10.0.0.11", 22, "10.0.0.11", None)


def test_ssh_configs_hostname_for_that_host_counts_more(tmp_path: Path) -> None:
    assert way(tmp_path, "Host ctl01\n HostName 192.0.2.1\n", hosts=(CTL01,)).address == "192.0.2.1"
    assert way(tmp_path, "Host *\n HostName %h.example.net\n", hosts=(CTL01,)).address == "10.0.0.11"


def test_a_block_for_the_address_holds_for_the_host(tmp_path: Path) -> None:
    hop = way(tmp_path, "Host 10.0.0.*\n User ops\n ProxyJump bastion\n", hosts=(CTL01,))
    assert (hop.user, hop.through and hop.through.name) == ("ops", "bastion")


@pytest.mark.parametrize(
    ("host", "text", "site_user", "user"),
    [
        (SiteHost("ctl01", user="inventory"), "Host ctl01\n User config\n", "site", "inventory"),
        (SiteHost("ctl01"), "Host ctl01\n User config\n", "site", "config"),
        (SiteHost("ctl01"), "", "site", "site"),
    ],
)
def test_the_user(host: SiteHost, text: str, site_user: str, user: str, tmp_path: Path) -> None:
    assert way(tmp_path, text, hosts=(host,), user=site_user).user == user


def test_the_port(tmp_path: Path) -> None:
    assert way(tmp_path, "Host ctl01\n Port 99\n", hosts=(SiteHost("ctl01", port=2222),)).port == 2222
    hop = way(tmp_path, "Host ctl01\n Port 99\n", hosts=(CTL01,))
    assert (hop.port, hop.key_name) == (99, "[10.0.0.11]:99")


def test_the_sites_jump_host_is_the_way_to_all_but_itself(tmp_path: Path) -> None:
    bastion = SiteHost("bastion", "192.0.2.9")
    hop = way(tmp_path, hosts=(CTL01, bastion), jump="me@bastion:2022")
    assert hop.through is not None
    assert (hop.through.address, hop.through.port, hop.through.user, hop.through.through) == (
        "192.0.2.9",
        2022,
        "me",
        None,
    )
    assert way(tmp_path, host="bastion", hosts=(CTL01, bastion), jump="me@bastion:2022").through is None


def test_the_first_of_several_jumps_is_reached_by_its_own_configuration(tmp_path: Path) -> None:
    hop = way(tmp_path, "Host outer\n ProxyJump front\n", jump="outer,inner")
    names = []
    at: Hop | None = hop
    while at is not None:
        names.append(at.name)
        at = at.through
    assert names == ["ctl01", "inner", "outer", "front"]


@pytest.mark.parametrize(
    ("command", "jump"),
    [
        ("ssh -W %h:%p bastion", ("bastion", 22)),
        ("ssh -q -W %h:%p -p 2022 ops@bastion", ("bastion", 2022)),
        ("/usr/bin/ssh bastion -l ops -W [%h]:%p", ("bastion", 22)),
    ],
)
def test_a_proxy_command_that_is_a_jump_is_taken_as_one(command: str, jump: tuple[str, int], tmp_path: Path) -> None:
    hop = way(tmp_path, f"Host ctl01\n ProxyCommand {command}\n")
    assert hop.through is not None
    assert (hop.through.name, hop.through.port, hop.command) == (*jump, "")


def test_another_proxy_command_is_kept_with_its_tokens_filled_in(tmp_path: Path) -> None:
    hop = way(tmp_path, "Host ctl01\n ProxyCommand nc -X connect %h %p\n", hosts=(CTL01,))
    assert (hop.command, hop.through) == ("nc -X connect 10.0.0.11 22", None)
    assert way(tmp_path, "Host ctl01\n ProxyCommand none\nHost *\n ProxyCommand nc %h %p\n").command == ""


def test_the_sites_key_is_the_only_one(tmp_path: Path) -> None:
    hop = way(tmp_path, "Host ctl01\n IdentityFile /other\n", identity=tmp_path / "id", known_hosts=tmp_path / "known")
    assert (hop.identities, hop.identities_only, hop.known_hosts) == ((tmp_path / "id",), True, (tmp_path / "known",))


def test_default_keys_are_those_that_exist(tmp_path: Path) -> None:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "id_rsa").write_text("")
    hop = way(tmp_path)
    assert hop.identities == (tmp_path / ".ssh" / "id_rsa",)
    assert hop.known_hosts[0] == tmp_path / ".ssh" / "known_hosts"


def test_the_agent(tmp_path: Path) -> None:
    assert way(tmp_path).agent == "/agent"
    assert way(tmp_path, "Host *\n IdentityAgent none\n").agent == ""
    assert way(tmp_path, "Host *\n IdentityAgent ~/a.sock\n").agent == str(tmp_path / "a.sock")
