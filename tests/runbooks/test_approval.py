"""Approval by a second person: real signatures, and every way in which one must not count."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from collectors.errors import BadConfiguration, Refused
from collectors.site import Site
from runbooks import approval
from runbooks.approval import Approval, Statement, approved, asking, folder, is_known, keep, statement_of
from runbooks.machine import real_user
from runbooks.signature import key_of, signed, signer
from tests.runbooks.signing import allowing, key, line, needs_ssh_keygen

NOW = 1_800_000_000.0
HASH = "ab" * 32
ENVIRON = {"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent"}

pytestmark = needs_ssh_keygen


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("keys")
    return {name: key(place, name) for name in ("ana", "eve", "bob")}


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests ask as ana."""
    monkeypatch.setattr(approval, "users", lambda environ: ("ana",))


@pytest.fixture
def site(tmp_path: Path, keys: dict[str, Path]) -> Site:
    return allowing(tmp_path, *(line(name, private) for name, private in keys.items()))


def said(**changed: object) -> Statement:
    values: dict[str, object] = {
        "plan_hash": HASH, "cloud": "prod", "region": "RegionOne", "operation": "galera-member.bootstrap",
        "signed": NOW, "until": NOW + 600,
    }  # fmt: skip
    return Statement(**(values | changed))  # type: ignore[arg-type]


def give(site: Site, private: Path, statement: Statement, name: str = "a.json", text: str = "") -> Path:
    signature = signed(text or statement.text(), private, ENVIRON, terminal=False)
    path = folder(site, make=True) / name
    keep(statement, signature, path)
    return path


def whose(found: list[Approval]) -> list[str]:
    return [one.who for one in found]


def test_what_is_signed_is_short_and_plain() -> None:
    assert said().text() == (
        f"nephoscope plan approval\nhash: {HASH}\ncloud: prod\nregion: RegionOne\n"
        "operation: galera-member.bootstrap\nsigned at: 2027-01-15T08:00:00Z\nvalid until: 2027-01-15T08:10:00Z\n"
    )
    assert statement_of(said().text()) == said()


@pytest.mark.parametrize("changed", [{"cloud": "a\nhash: x"}, {"plan_hash": "short"}, {"operation": "\x1b[2J"}])
def test_values_that_could_be_read_as_something_else_are_not_signed(changed: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="single lines"):
        said(**changed).text()


@pytest.mark.parametrize(
    "text",
    [
        "", "x", said().text() + "\n", said().text().replace("cloud: ", "cloud:"), " " + said().text(),
        said().text().replace("valid until", "until"), said().text().replace("08:10:00Z", "soon"),
        said().text().replace("08:10:00Z", "08:10:00+00:00"), said().text().removesuffix("\n"),
    ],
)  # fmt: skip
def test_what_is_not_exactly_a_statement_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"approval|no line|isoformat"):
        statement_of(text)


def test_a_second_person_approves(site: Site, keys: dict[str, Path]) -> None:
    path = give(site, keys["eve"], said())
    (found,) = approved(site, HASH, NOW + 5)
    assert (found.who, found.until, found.path, found.statement) == ("eve", NOW + 600, path, said())
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o7777) == (0o644, 0o1777)


def test_nobody_approves_what_he_asks_for(site: Site, keys: dict[str, Path]) -> None:
    give(site, keys["ana"], said())
    assert approved(site, HASH, NOW) == []
    give(site, keys["eve"], said(), "b.json")
    assert whose(approved(site, HASH, NOW)) == ["eve"]
    assert approved(site, HASH, NOW, not_by="eve") == []
    assert approved(site, HASH, NOW, not_by=["bob", "Eve@example.com"]) == []


def test_names_are_the_same_up_to_the_at(tmp_path: Path, keys: dict[str, Path]) -> None:
    site = allowing(tmp_path, line("Ana@example.com", keys["ana"]), line("eve@example.com", keys["eve"]))
    give(site, keys["ana"], said())
    assert approved(site, HASH, NOW) == []
    give(site, keys["eve"], said(), "b.json")
    assert whose(approved(site, HASH, NOW)) == ["eve@example.com"]


def test_one_person_may_have_several_names(tmp_path: Path, keys: dict[str, Path]) -> None:
    site = allowing(tmp_path, line("chief,ana", keys["ana"]), line("eve", keys["eve"]))
    give(site, keys["ana"], said())
    assert approved(site, HASH, NOW) == []


def test_the_site_says_who_an_account_is(
    tmp_path: Path, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approval, "users", lambda environ: ("u1234",))
    lines = [line(name, private) for name, private in keys.items()]
    site = allowing(tmp_path, *lines, principals={"u1234": "eve"})
    assert asking(site) == ("u1234", "eve")
    give(site, keys["eve"], said())
    assert approved(site, HASH, NOW) == []
    give(site, keys["ana"], said(), "b.json")
    assert whose(approved(site, HASH, NOW)) == ["ana"]


def test_where_nobody_knows_who_asks_two_people_must_approve(
    site: Site, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approval, "users", lambda environ: ("root",))
    assert not is_known(site, asking(site))
    give(site, keys["eve"], said())
    give(site, keys["eve"], said(until=NOW + 500), "again.json")
    assert approved(site, HASH, NOW) == []
    give(site, keys["bob"], said(), "b.json")
    assert sorted(whose(approved(site, HASH, NOW))) == ["bob", "eve"]


def test_one_person_counts_once(site: Site, keys: dict[str, Path]) -> None:
    give(site, keys["eve"], said())
    give(site, keys["eve"], said(until=NOW + 300), "b.json")
    assert len(approved(site, HASH, NOW)) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"plan_hash": "cd" * 32},
        {"cloud": "test"},
        {"until": NOW},  # over
        {"signed": NOW - 10, "until": NOW + 3600},  # longer than any may hold
        {"signed": NOW + 3000, "until": NOW + 3600},  # from the future
    ],
)
def test_what_is_for_something_else_or_another_time_does_not_count(
    site: Site, keys: dict[str, Path], changed: dict[str, object]
) -> None:
    give(site, keys["eve"], said(**changed))
    assert approved(site, HASH, NOW) == []


def test_it_ends(site: Site, keys: dict[str, Path]) -> None:
    give(site, keys["eve"], said())
    assert approved(site, HASH, NOW + 599)
    assert approved(site, HASH, NOW + 600) == []


def test_a_signature_of_another_text_does_not_count(site: Site, keys: dict[str, Path]) -> None:
    give(site, keys["eve"], said(), text=said(until=NOW + 60).text())
    assert approved(site, HASH, NOW) == []


def test_a_signature_for_something_else_than_plans_does_not_count(site: Site, keys: dict[str, Path]) -> None:
    done = subprocess.run(
        ["ssh-keygen", "-Y", "sign", "-n", "git", "-f", str(keys["eve"])],
        input=said().text().encode(), capture_output=True, check=True,
    )  # fmt: skip
    keep(said(), done.stdout.decode(), folder(site, make=True) / "a.json")
    assert approved(site, HASH, NOW) == []
    assert site.allowed_signers is not None
    with pytest.raises(Refused, match="not good for this text"):
        signer(said().text(), done.stdout.decode(), site.allowed_signers, ENVIRON)


def test_a_stranger_does_not_count(site: Site, tmp_path: Path) -> None:
    give(site, key(tmp_path, "mallory"), said())
    assert approved(site, HASH, NOW) == []


@pytest.mark.parametrize(
    ("names", "options"),
    [("*", ""), ("eve*", ""), ("!bob,eve?", ""), ("eve", 'namespaces="git"'), ("eve", 'valid-before="20200101"')],
)
def test_what_the_file_of_signers_does_not_allow_does_not_count(
    tmp_path: Path, keys: dict[str, Path], names: str, options: str
) -> None:
    site = allowing(tmp_path, line("ana", keys["ana"]), line(names, keys["eve"], options))
    give(site, keys["eve"], said())
    assert approved(site, HASH, NOW) == []


@pytest.mark.parametrize(
    "text", ["", "garbage", "{}", '{"text": 1, "signature": ""}', '{"text": "x", "signature": "y"}']
)
def test_odd_files_are_passed_over(site: Site, keys: dict[str, Path], text: str) -> None:
    (folder(site, make=True) / "odd.json").write_text(text)
    (folder(site, make=True) / "link.json").symlink_to("/etc/passwd")
    os.mkfifo(folder(site, make=True) / "pipe.json")
    assert approved(site, HASH, NOW) == []
    give(site, keys["eve"], said())
    assert whose(approved(site, HASH, NOW)) == ["eve"]


def test_nothing_there_is_nobody(site: Site) -> None:
    assert approved(site, HASH, NOW) == []
    assert not site.lock_dir.exists()


def test_a_site_that_does_not_say_who_may_approve(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="whose signature approves"):
        approved(Site("prod", lock_dir=tmp_path), HASH, NOW)


def test_a_file_of_signers_that_others_may_write_is_refused(site: Site, keys: dict[str, Path]) -> None:
    give(site, keys["eve"], said())
    assert site.allowed_signers is not None
    site.allowed_signers.chmod(0o664)
    with pytest.raises(BadConfiguration, match="they could add their own key"):
        approved(site, HASH, NOW)
    site.allowed_signers.unlink()
    with pytest.raises(BadConfiguration, match="there is no such file of allowed signers"):
        approved(site, HASH, NOW)


def test_a_key_with_a_passphrase_is_told_without_a_terminal(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="ssh-agent or a terminal"):
        signed("x", key(tmp_path, "locked", "a passphrase"), ENVIRON, terminal=False)


def test_a_key_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("no key")
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(BadConfiguration, match="ssh-keygen: "):
        signed("x", tmp_path / "key", ENVIRON, terminal=False)


def test_which_key_signs(tmp_path: Path) -> None:
    (tmp_path / ".ssh").mkdir()
    for name in ("id_rsa", "id_ed25519", "other"):
        (tmp_path / ".ssh" / name).write_text("")
    assert key_of("", None, tmp_path).name == "id_ed25519"
    assert key_of("", tmp_path / ".ssh" / "other", tmp_path).name == "other"
    assert key_of(str(tmp_path / ".ssh" / "id_rsa"), None, tmp_path).name == "id_rsa"
    with pytest.raises(BadConfiguration, match="--key FILE"):
        key_of(str(tmp_path / "nope"), None, tmp_path)
    with pytest.raises(BadConfiguration, match="no such key"):
        key_of("", None, tmp_path / "nobody")


def test_an_agent_signs_for_a_public_key(site: Site, keys: dict[str, Path], tmp_path: Path) -> None:
    words = subprocess.run(["ssh-agent", "-s"], capture_output=True, text=True, check=True).stdout
    found = dict(part.split("=", 1) for part in words.replace("\n", "").split(";") if "=" in part)
    environ = ENVIRON | {"SSH_AUTH_SOCK": found["SSH_AUTH_SOCK"]}
    try:
        subprocess.run(["ssh-add", "-q", str(keys["eve"])], check=True, env=environ)
        (tmp_path / "eve.pub").write_text(Path(f"{keys['eve']}.pub").read_text())
        signature = signed(said().text(), tmp_path / "eve.pub", environ, terminal=False)
    finally:
        os.kill(int(found["SSH_AGENT_PID"]), 15)
    keep(said(), signature, folder(site, make=True) / "a.json")
    assert whose(approved(site, HASH, NOW)) == ["eve"]


def test_without_ssh_keygen_it_is_told(site: Site, keys: dict[str, Path]) -> None:
    with pytest.raises(BadConfiguration, match="no program ssh-keygen"):
        signed("x", keys["eve"], {"PATH": "/nonexistent"}, terminal=False)


def test_the_account_is_asked_from_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "forged")
    monkeypatch.setenv("LOGNAME", "forged")
    assert real_user() != "forged"


def test_the_real_account_asks(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from runbooks.machine import users

    monkeypatch.setattr(approval, "users", users)
    monkeypatch.setenv("SUDO_USER", "bob")
    assert asking(site, ["x"]) == ("bob", real_user(), "x")


def test_one_that_cannot_be_kept_is_told(tmp_path: Path, keys: dict[str, Path]) -> None:
    with pytest.raises(BadConfiguration, match="cannot be written"):
        keep(said(), "x", tmp_path / "nope" / "a.json")
