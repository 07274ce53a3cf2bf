"""Our reading of ssh_config against OpenSSH's own: what `ssh -G` says about a host, we say."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from collectors.errors import BadConfiguration
from collectors.site import Site, SshSettings
from collectors.sources import ssh_config
from collectors.sources.routes import Hop, Routes

CONFIGS = {
    "plain": "Host ctl01\n HostName 10.0.0.11\n Port 2222\n User kolla\n",
    "equals": "Host=ctl01\nHostName=10.0.0.11\nPort = 2222\n  User\tkolla\n",
    "case and comments": "# mine\nhOsT ctl01 # not a name\n  HOSTNAME 10.0.0.11\n\n",
    "first wins": "Host ctl*\n User first\nHost ctl01\n User second\n Port 2200\n",
    "star last": "Host ctl01\n User a\nHost *\n User b\n Port 99\n",
    "star first": "Host *\n User b\nHost ctl01\n User a\n Port 98\n",
    "before any host": "User everybody\nHost ctl01\n Port 5\n",
    "negation": "Host ctl* !ctl01\n User no\nHost *\n User yes\n",
    "question mark": "Host ctl0?\n User q\n",
    "several patterns": "Host cmp* ctl01 net*\n User several\n",
    "tokens": "Host ctl*\n HostName %h.example.net\n",
    "quotes": 'Host "ctl01"\n IdentityFile "/keys/my key"\n User "the user"\n',
    "keys add up": "Host ctl01\n IdentityFile /keys/a\nHost *\n IdentityFile /keys/b\n IdentitiesOnly yes\n",
    "jump": "Host ctl01\n ProxyJump me@bastion:2022\n",
    "jumps": "Host ctl01\n ProxyJump one,two\n",
    "no jump": "Host ctl01\n ProxyJump none\nHost *\n ProxyJump bastion\n",
    "match host": "Match host ctl01\n User matched\n",
    "match several": "Match host cmp*,ctl*\n User matched\n",
    "match original": "Host ctl01\n HostName 10.0.0.11\nMatch originalhost ctl01\n User original\n",
    "match by hostname": "Host ctl01\n HostName 10.0.0.11\nMatch host 10.0.0.11\n Port 77\n",
    "match negated": "Match !host ctl01\n User no\nMatch all\n User all\n",
    "match user": "Match user kolla\n Port 1\nHost ctl01\n User kolla\n",
    "match both": "Match host ctl* user nobody\n Port 3\nMatch host ctl* originalhost ctl01\n Port 4\n",
    "alias": "Host ctl01\n HostKeyAlias controller-one\n",
    "known hosts": "Host ctl01\n UserKnownHostsFile /a/known /b/known\n",
}


def _openssh(config: Path, host: str) -> dict[str, list[str]]:
    client = shutil.which("ssh")
    assert client, "the OpenSSH client is needed to compare with"
    ran = subprocess.run(
        [client, "-G", "-F", str(config), host], capture_output=True, text=True, check=True, timeout=20
    )
    found: dict[str, list[str]] = {}
    for line in ran.stdout.splitlines():
        keyword, _, value = line.partition(" ")
        found.setdefault(keyword, []).append(value)
    return found


def route(text: str, host: str, folder: Path) -> Hop:
    path = folder / "config"
    path.write_text(text)
    site = Site("test", ssh=SshSettings(config=path))
    return Routes(site, ssh_config.read(path, folder), folder, "").to(host)


@pytest.mark.parametrize("text", CONFIGS.values(), ids=CONFIGS.keys())
@pytest.mark.parametrize("host", ["ctl01", "ctl02", "cmp07"])
def test_hosts_are_reached_as_openssh_reaches_them(text: str, host: str, tmp_path: Path) -> None:
    hop = route(text, host, tmp_path)
    wanted = _openssh(tmp_path / "config", host)
    assert hop.address == wanted["hostname"][0]
    assert str(hop.port) == wanted["port"][0]
    assert hop.user == wanted["user"][0]
    jumps = wanted.get("proxyjump", ["none"])[0]
    assert _jumps(hop) == (
        [] if jumps == "none" else [jump.rpartition("@")[2].partition(":")[0] for jump in jumps.split(",")]
    )
    assert hop.identities_only == (wanted["identitiesonly"][0] == "yes")
    named = [key for key in wanted["identityfile"] if not key.startswith("~/.ssh/")]
    assert [str(path) for path in hop.identities] == named
    if "hostkeyalias" in wanted:
        assert hop.key_name == wanted["hostkeyalias"][0]
    if "/a/known" in wanted["userknownhostsfile"][0]:
        assert [str(path) for path in hop.known_hosts][:2] == wanted["userknownhostsfile"][0].split()


def _jumps(hop: Hop) -> list[str]:
    names = []
    at = hop.through
    while at is not None:
        names.append(at.name)
        at = at.through
    return names[::-1]


def test_included_files_stand_in_their_place(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "b.conf").write_text("Host ctl01\n User included\n Port 11\n")
    (tmp_path / "more" / "a.conf").write_text("Host *\n Port 10\n")
    text = f"Include {tmp_path}/more/*.conf\nHost ctl01\n User late\n"
    hop = route(text, "ctl01", tmp_path)
    wanted = _openssh(tmp_path / "config", "ctl01")
    assert (hop.user, str(hop.port)) == (wanted["user"][0], wanted["port"][0]) == ("included", "10")


def test_an_include_that_includes_itself_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(f"Include {path}\n")
    with pytest.raises(BadConfiguration, match="Include inside Include"):
        ssh_config.read(path, tmp_path)


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="nowhere: No such file or directory"):
        ssh_config.read(tmp_path / "nowhere", tmp_path)


def test_match_exec_starts_nothing_and_does_not_match(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    hop = route(f'Match host ctl01 exec "touch {mark}"\n User wrong\nHost *\n User right\n', "ctl01", tmp_path)
    assert hop.user == "right"
    assert not mark.exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Host ctl01\n Port\n", "config line 2: port has no value"),
        ("Host ctl01\n Port many\n", "Port many is no port"),
        ("Host ctl01\n HostName %z\n", "the token %z is not known here"),
        ("Host ctl01\n ProxyJump a:b:c\n", "is not \\[user@\\]host\\[:port\\]"),
        ("Match host\n User x\n", "Match host has no pattern"),
        ("Host ctl01\n ProxyJump ctl02\nHost ctl02\n ProxyJump ctl01\n", "jumps in a circle: ctl01 → ctl02 → ctl01"),
    ],
)
def test_what_cannot_be_used_says_where(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match=words):
        route(text, "ctl01", tmp_path)


def test_the_users_and_the_systems_file_are_read_where_the_site_names_none(tmp_path: Path) -> None:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "config").write_text("Host ctl01\n User mine\n")
    system = tmp_path / "system"
    system.write_text("User late\nPort 8\n")
    found = ssh_config.read(None, tmp_path, system).lookup("ctl01")
    assert (found.first("user"), found.first("port")) == ("mine", "8")
    assert ssh_config.read(None, tmp_path, system).lookup("net01").first("user") == "late"
