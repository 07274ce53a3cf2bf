"""known_hosts: what is known, what is not, what has changed; against OpenSSH's own tools."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest

from collectors.errors import Refused
from collectors.sources.host_keys import HostKeys, fingerprint
from runbooks.simulator.ssh.keys import make_key

KEY, OTHER = make_key().public, make_key().public
TITLE = "ctl01 (10.0.0.11 port 2222)"
NAME = "[10.0.0.11]:2222"


def blob(public: str) -> bytes:
    return base64.b64decode(public.split()[1])


def check(text: str, folder: Path, shown: str = KEY, name: str = NAME) -> None:
    path = folder / "known_hosts"
    path.write_text(text)
    HostKeys().check(TITLE, name, (path,), "ssh-ed25519", blob(shown))


def keygen(*arguments: str, cwd: Path) -> str:
    program = shutil.which("ssh-keygen")
    assert program, "ssh-keygen is needed to compare with"
    return subprocess.run([program, *arguments], cwd=cwd, capture_output=True, text=True, check=True, timeout=20).stdout


@pytest.mark.parametrize(
    "text",
    [
        f"{NAME} {KEY}\n",
        f"# a comment\n\n{NAME} {KEY} a comment\n",
        f"ctl01,{NAME} {KEY}\n",
        f"{NAME.upper()} {KEY}\n",
        f"{NAME} {OTHER}\n{NAME} {KEY}\n",
        f"[10.0.0.*]:2222 {KEY}\n",
        f"broken line\n{NAME} ssh-ed25519 ****\n{NAME} {KEY}\n",
        f"@cert-authority * {OTHER}\n{NAME} {KEY}\n",
    ],
    # The keys are made in each process: without names of their own the tests would be called after them.
    ids=["plain", "comment", "list", "upper case", "second", "pattern", "behind a broken line", "behind an authority"],
)
def test_a_known_key_is_accepted(text: str, tmp_path: Path) -> None:
    check(text, tmp_path)


def test_a_hashed_line_is_understood(tmp_path: Path) -> None:
    (tmp_path / "hashed").write_text(f"{NAME} {KEY}\nother {OTHER}\n")
    keygen("-H", "-f", "hashed", cwd=tmp_path)
    text = (tmp_path / "hashed").read_text()
    assert text.startswith("|1|")
    check(text, tmp_path)
    with pytest.raises(Refused, match="is not known"):
        check(text, tmp_path, name="[10.0.0.12]:2222")


def test_an_unknown_host_is_refused_with_what_to_compare(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        check(f"10.0.0.11 {KEY}\n[10.0.0.1]:2222 {KEY}\n", tmp_path)
    assert caught.value.what == f"host key of {TITLE}"
    assert caught.value.why == f"is not known: the host shows ED25519 {fingerprint(blob(KEY))}"
    assert "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" in caught.value.hint
    assert f"ssh-keyscan -p 2222 10.0.0.11 >> {tmp_path}/known_hosts" in caught.value.hint


def test_a_changed_key_is_refused_with_both_fingerprints(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        check(f"# one\n{NAME} {OTHER}\n", tmp_path)
    why = caught.value.why
    assert why.startswith(f"has changed: {tmp_path}/known_hosts line 2 has {fingerprint(blob(OTHER))}")
    assert why.endswith(f"the host shows ED25519 {fingerprint(blob(KEY))}")
    assert f"ssh-keygen -R '{NAME}' -f {tmp_path}/known_hosts" in caught.value.hint


def test_a_revoked_key_is_refused_even_if_it_is_known(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="marked as revoked"):
        check(f"{NAME} {KEY}\n@revoked * {KEY}\n", tmp_path)


def test_a_negated_pattern_does_not_match(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is not known"):
        check(f"!{NAME},[10.0.0.*]:2222 {KEY}\n", tmp_path)


def test_no_file_knows_nothing(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is not known"):
        HostKeys().check(TITLE, "10.0.0.11", (tmp_path / "none",), "ssh-ed25519", blob(KEY))


def test_a_file_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    path.write_text("")
    keys = HostKeys()
    assert keys.known(NAME, (path,)) == []
    path.write_text(f"{NAME} {KEY}\n")
    assert [key.kind for key in keys.known(NAME, (path,))] == ["ssh-ed25519"]


def test_fingerprints_are_those_of_ssh_keygen(tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_text(KEY + "\n")
    assert keygen("-lf", "key.pub", cwd=tmp_path).split()[1] == fingerprint(blob(KEY))


def test_ten_thousand_hosts_are_looked_up_at_once(tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    path.write_text("".join(f"host{number} {KEY}\n" for number in range(10_000)))
    keys = HostKeys()
    assert all(len(keys.known(f"host{number}", (path,))) == 1 for number in range(10_000))
