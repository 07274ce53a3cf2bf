"""nephoscope.toml: where it is looked for, and what each kind of mistake in it is told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from collectors.errors import BadConfiguration
from console.config import load_settings, load_site
from console.config.file import config_path, home, read_config
from tests.console.config.files import said, toml


def refused(folder: Path, text: str, mode: int = 0o600) -> BadConfiguration:
    environ = toml(folder, text, mode)
    with pytest.raises(BadConfiguration) as caught:
        load_site("prod", "", environ)
    assert caught.value.what.startswith(environ["NEPHOSCOPE_CONFIG"])
    assert caught.value.hint
    return caught.value


def test_the_environment_names_the_file() -> None:
    assert config_path({"NEPHOSCOPE_CONFIG": "/etc/n.toml"}) == Path("/etc/n.toml")


def test_else_it_is_in_the_xdg_folder() -> None:
    assert config_path({"XDG_CONFIG_HOME": "/c"}) == Path("/c/nephoscope/nephoscope.toml")


def test_else_in_the_home_folder() -> None:
    assert config_path({"HOME": "/home/ana"}) == Path("/home/ana/.config/nephoscope/nephoscope.toml")


def test_a_relative_xdg_folder_is_ignored() -> None:
    assert home({"XDG_STATE_HOME": "here", "HOME": "/home/ana"}, "XDG_STATE_HOME", ".s") == Path("/home/ana/.s")


def test_no_file_is_no_mistake(tmp_path: Path) -> None:
    assert not read_config({"HOME": str(tmp_path)}).exists


def test_a_file_in_the_place_of_the_folder_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / ".config").write_text("")
    assert not read_config({"HOME": str(tmp_path)}).exists


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration) as caught:
        read_config({"NEPHOSCOPE_CONFIG": str(tmp_path / "none.toml")})
    assert "NEPHOSCOPE_CONFIG" in said(caught.value)
    assert "none.toml" in said(caught.value)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="is a directory"):
        read_config({"NEPHOSCOPE_CONFIG": str(tmp_path)})


@contextmanager
def nobody() -> Iterator[None]:
    """Root may read everything, so be somebody else for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_file_that_we_may_not_read() -> None:
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        environ = toml(Path(folder), "", 0)
        with nobody(), pytest.raises(BadConfiguration, match="may not read this configuration"):
            read_config(environ)


def test_it_is_read_again_when_it_changed(tmp_path: Path) -> None:
    environ = toml(tmp_path, 'theme = "dark"\n')
    assert load_settings(environ).theme == "dark"
    toml(tmp_path, 'theme = "ansi"  # changed\n')
    assert load_settings(environ).theme == "ansi"


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert load_settings(toml(tmp_path, '\ufefftheme = "dark"\n')).theme == "dark"


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("[site.prod/RegionOne]\n", 1, "quotes"),
        ('cloud = "prod"\ntheme = dark\n', 2, "double quotes"),
        ("read_only = yes\n", 1, "true or false"),
        ("read_only = True\n", 1, "true or false"),
        ('cloud: "prod"\n', 1, "key = value"),
        ("[site.prod]\nkolla = /etc/kolla\n", 2, "double quotes"),
        ("[site.prod]\n[site.prod]\n", 2, "docs/configuration.md"),
        ('[site.prod]\nkolla = "a"\nkolla = "b"\n', 3, "docs/configuration.md"),
        ("[site.prod]\nssh = {user = 'a'\n", 2, "on one line"),
        ('theme = "dark\n', 1, "close them on the same line"),
        ("x = " + "[" * 2000 + "\n", 0, "still open"),
    ],
)
def test_broken_toml(tmp_path: Path, text: str, line: int, hint: str) -> None:
    error = refused(tmp_path, text)
    assert "not valid TOML" in error.why
    assert hint in error.hint
    if line:
        assert error.what.endswith(f"line {line}")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "n.toml"
    path.write_bytes(b'theme = "\xff"\n')
    with pytest.raises(BadConfiguration, match="not UTF-8"):
        read_config({"NEPHOSCOPE_CONFIG": str(path)})


@pytest.mark.parametrize(
    ("text", "place", "why", "hint"),
    [
        ("colud = 'x'", "colud", "unknown key", "did you mean cloud?"),
        ("[sites.prod]", "sites", "unknown key", "did you mean site?"),
        ("zzz = 1", "zzz", "unknown key", "known here: cloud, region"),
        ("[site.prod]\nkola = '/etc/kolla'", "[site.prod] kola", "unknown key", "did you mean kolla?"),
        ("[site.prod.galera]\nusr = 'a'", "[site.prod.galera] usr", "unknown key", "did you mean user?"),
        ("[site.prod.ssh]\nknown_host = 'a'", "[site.prod.ssh] known_host", "unknown key", "known_hosts?"),
        ("[site.prod.hosts.ctl01]\nrole = ['a']", "[site.prod.hosts.ctl01] role", "unknown key", "roles?"),
        ('[site."prod/RegionOne"]\nx = 1', '[site."prod/RegionOne"] x', "unknown key", "known here"),
        ("[site.my.cloud]\nkolla = 'a'", "[site.my] cloud", "unknown key", '[site."my.cloud"]'),
        ("theme = 3", "theme", "must be text, it is a number", "text"),
        ("read_only = 'no'", "read_only", "must be true or false, it is text", "true or false"),
        ("ascii = 1", "ascii", "must be true or false, it is a number", "true or false"),
        ("site = 3", "site", "must be a table, it is a number", "a table"),
        ("[site]\nprod = 3", "[site] prod", "must be a table, it is a number", "a table"),
        ("[site.prod]\nprotection = 'prod'", "[site.prod] protection", "not one of: normal, production", "production?"),
        ("[site.prod]\nprotection = 'x'", "[site.prod] protection", "“x” is not one of", 'one of "normal"'),
        ("[site.prod]\nkolla = true", "[site.prod] kolla", "must be text, it is true or false", "text"),
        ("[site.prod]\nkolla = ''", "[site.prod] kolla", "must not be empty", "leave the key out"),
        ("[site.prod]\ninventory = 3", "[site.prod] inventory", "must be text or a list of text", "a list of text"),
        ("[site.prod.hosts]\nctl01 = '10.0.0.1'", "[site.prod.hosts] ctl01", "must be a table, it is text", "a table"),
        ("[site.prod.hosts.a]\nport = 0", "[site.prod.hosts.a] port", "0 is not a whole number from 1", "65535"),
        ("[site.prod.hosts.a]\nport = 70000", "[site.prod.hosts.a] port", "70000 is not", "from 1 to 65535"),
        ("[site.prod.hosts.a]\nport = '22'", "[site.prod.hosts.a] port", "must be a whole number", "1 to 65535"),
        ("[site.prod.hosts.a]\nport = 22.5", "[site.prod.hosts.a] port", "must be a whole number", "1 to 65535"),
        ("[site.prod.hosts.a]\nroles = 'x'", "[site.prod.hosts.a] roles", "must be a list of text, it is text", "list"),
        ("[site.prod.hosts.a]\nroles = [1]", "[site.prod.hosts.a] roles[1]", "must be text", "text"),
        ("[site.prod.hosts.a]\nroles = ['']", "[site.prod.hosts.a] roles[1]", "must not be empty", "text"),
        ("[site.prod.galera]\nmembers = [{}]", "[site.prod.galera.members[1]] host", "is missing", "text"),
        ("[site.prod.galera]\nmembers = [3]", "[site.prod.galera] members[1]", "text or a table", "text"),
        ("[site.prod.galera]\npassword = 3", "[site.prod.galera] password", "must be text or a table", "a table"),
        ("[site.prod.galera.password]\ncommand = []", "[site.prod.galera.password] command", "not be empty", "list"),
        ("[site.prod.galera.password]\ncommand = 'x'", "[site.prod.galera.password] command", "a list of text", "list"),
        ("[site.prod.galera.password]\nfiel = 'x'", "[site.prod.galera.password] fiel", "unknown key", "file?"),
        ("[site.prod]\nceph = 'x'", "[site.prod] ceph", "must be a table, it is text", "a table"),
        ("[site.prod]\nnotifications = 'x'", "[site.prod] notifications", "true or false", "true"),
        ("theme = 1979-05-27", "theme", "must be text, it is a date or time", "text"),
    ],
)
def test_wrong_keys(tmp_path: Path, text: str, place: str, why: str, hint: str) -> None:
    error = refused(tmp_path, text)
    assert error.what.endswith(f", {place}")
    assert why in error.why
    assert hint in error.hint


def test_a_password_in_the_wrong_place_is_not_repeated(tmp_path: Path) -> None:
    error = refused(tmp_path, "[site.prod.galera]\npassword = ['hunter2']\n")
    assert "hunter2" not in str(error)


def test_tables_are_never_printed_with_their_values(tmp_path: Path) -> None:
    config = read_config(toml(tmp_path, "[site.prod.galera]\npassword = 'hunter2'\n", 0o600))
    assert "hunter2" not in repr(config) + repr(config.tables) + repr(config.tables.site["prod"].galera)


def test_a_literal_password_in_a_readable_file_is_refused(tmp_path: Path) -> None:
    text = "[site.prod.galera]\nuser = 'monitor'\nmembers = ['ctl01']\npassword = 'hunter2'\n"
    error = refused(tmp_path, text, 0o640)
    assert error.what.endswith("[site.prod.galera] password")
    assert "mode 0640" in error.why
    assert "chmod 600" in error.hint
    assert "hunter2" not in str(error)


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o660, 0o601])
def test_any_access_of_others_counts(tmp_path: Path, mode: int) -> None:
    text = "[site.prod.galera]\nuser = 'monitor'\nmembers = ['ctl01']\npassword = 'x'\n"
    assert f"mode {mode:04o}" in refused(tmp_path, text, mode).why


def test_a_literal_password_in_a_private_file_is_used(tmp_path: Path) -> None:
    text = "[site.prod.galera]\nuser = 'monitor'\nmembers = ['ctl01']\npassword = 'hunter2'\n"
    site = load_site("prod", "", toml(tmp_path, text, 0o600))
    assert site.galera is not None
    assert site.galera.password.reveal() == "hunter2"
    assert "hunter2" not in repr(site)


def test_a_literal_password_in_somebody_elses_file_is_refused(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    text = "[site.prod.galera]\nuser = 'monitor'\nmembers = ['ctl01']\npassword = 'x'\n"
    environ = toml(tmp_path, text, 0o600)
    os.chown(environ["NEPHOSCOPE_CONFIG"], 65534, -1)
    with pytest.raises(BadConfiguration, match="belongs to another user"):
        load_site("prod", "", environ)


@pytest.mark.parametrize("key", ["password", "secret", "api_token"])
def test_tables_for_later_hold_no_literal_secrets_either(tmp_path: Path, key: str) -> None:
    error = refused(tmp_path, f"[site.prod.ceph]\n{key} = 'hunter2'\n", 0o644)
    assert error.what.endswith(f"[site.prod.ceph] {key}")
    assert "hunter2" not in str(error)
