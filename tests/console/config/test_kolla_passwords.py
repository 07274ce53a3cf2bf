"""Kolla's passwords.yml, plain and encrypted.

`ansible-vault` is played by a script that takes the arguments of the real one and checks them; that the real one
(ansible-core 2.19) takes and answers the same was tried by hand with a file and with a single value.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.errors import BadConfiguration
from collectors.site import Secret
from console.config import load_site
from tests.console.config.files import PASSWORDS, kolla, program, said, toml

ENCRYPTED = "$ANSIBLE_VAULT;1.1;AES256\n30346433\n"
INLINE = """\
mariadb_monitor_password: !vault |
          $ANSIBLE_VAULT;1.1;AES256
          6561646662
          3666
rabbitmq_password: plain
"""

VAULT = """
echo "$@" >> calls
[ "$2" = --vault-password-file ] && [ "$(cat "$3")" = vaultpass ] || { echo 'ERROR! Decryption failed' >&2; exit 1; }
case "$1 $4" in
  "view {folder}/passwords.yml") cat {folder}/plain.yml ;;
  "decrypt --output") [ "$5 $6" = "- -" ] && read head && read body &&
    [ "$head" = '$ANSIBLE_VAULT;1.1;AES256' ] && [ "$body" = 6561646662 ] && printf inline-secret ;;
  *) exit 9 ;;
esac
"""


def password(folder: Path, name: str, extra: str = "", **environ: str) -> Secret:
    text = f"[site.prod]\nkolla = 'kolla'\n{extra}\n[site.prod.galera]\npassword = {{kolla = '{name}'}}\n"
    site = load_site("prod", "", toml(folder, text) | environ)
    assert site.galera is not None
    return site.galera.password


def refused(secret: Secret) -> str:
    with pytest.raises(BadConfiguration) as caught:
        secret.reveal()
    message = said(caught.value)
    assert "-secret" not in message
    return message


def vault(folder: Path, passwords: str) -> str:
    """A Kolla folder with encrypted passwords, and an `ansible-vault` that opens them; the keys that name it."""
    path = kolla(folder, passwords=passwords)
    (path / "plain.yml").write_text(PASSWORDS)
    (folder / "vault.password").write_text("vaultpass\n")
    (folder / "vault.password").chmod(0o600)
    program(folder / "ansible-vault", VAULT.replace("{folder}", str(path)))
    return "ansible_vault = './ansible-vault'\nvault_password_file = 'vault.password'\n"


def test_a_plain_password(tmp_path: Path) -> None:
    kolla(tmp_path)
    assert password(tmp_path, "database_password").reveal() == "root-secret"


def test_a_number_is_a_password_too(tmp_path: Path) -> None:
    kolla(tmp_path)
    assert password(tmp_path, "numeric").reveal() == "12345"


def test_a_password_may_stand_in_globals(tmp_path: Path) -> None:
    kolla(tmp_path, globals_="extra_password: there\n")
    assert password(tmp_path, "extra_password").reveal() == "there"


def test_a_password_that_refers_to_another(tmp_path: Path) -> None:
    kolla(tmp_path, passwords=PASSWORDS + "mine: '{{ database_password }}'\ncomputed: \"{{ lookup('pipe', 'id') }}\"\n")
    assert password(tmp_path, "mine").reveal() == "root-secret"
    assert "not plain text" in refused(password(tmp_path, "computed"))


def test_braces_in_an_unsafe_password_mean_nothing(tmp_path: Path) -> None:
    kolla(tmp_path, passwords="mine: !unsafe '{{ x }}'\n")
    assert password(tmp_path, "mine").reveal() == "{{ x }}"


def test_an_empty_password(tmp_path: Path) -> None:
    kolla(tmp_path)
    assert "kolla-genpwd" in refused(password(tmp_path, "keystone_admin_password"))


def test_a_missing_password_is_told_what_is_near(tmp_path: Path) -> None:
    kolla(tmp_path)
    assert "did you mean database_password?" in refused(password(tmp_path, "database_pasword"))
    assert "has no zzz" in refused(password(tmp_path, "zzz"))


def test_a_table_is_no_password(tmp_path: Path) -> None:
    kolla(tmp_path, passwords="kolla_ssh_key:\n  private_key: x\n")
    assert "not plain text" in refused(password(tmp_path, "kolla_ssh_key"))


def test_the_file_is_looked_into_late(tmp_path: Path) -> None:
    path = kolla(tmp_path) / "passwords.yml"
    path.unlink()
    found = password(tmp_path, "database_password")
    assert "no such file of passwords" in refused(found)
    path.write_text(PASSWORDS)
    path.chmod(0o600)
    assert found.reveal() == "root-secret"


def test_the_file_is_read_again_when_it_changed(tmp_path: Path) -> None:
    path = kolla(tmp_path) / "passwords.yml"
    found = password(tmp_path, "database_password")
    assert found.reveal() == "root-secret"
    path.write_text("database_password: rotated\n")
    assert found.reveal() == "rotated"


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o664])
def test_passwords_that_everybody_can_read_are_refused(tmp_path: Path, mode: int) -> None:
    path = kolla(tmp_path) / "passwords.yml"
    path.chmod(mode)
    message = refused(password(tmp_path, "database_password"))
    assert f"mode {mode:04o}" in message
    assert f"chmod o-rwx {path}" in message


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o660])
def test_a_group_may_share_the_passwords(tmp_path: Path, mode: int) -> None:
    (kolla(tmp_path) / "passwords.yml").chmod(mode)
    assert password(tmp_path, "database_password").reveal() == "root-secret"


@pytest.mark.parametrize("passwords", ["a: 'hunter2\n", "- hunter2\n", "a: !python hunter2\n"])
def test_broken_passwords_are_told_without_an_excerpt(tmp_path: Path, passwords: str) -> None:
    kolla(tmp_path, passwords=passwords)
    message = refused(password(tmp_path, "database_password"))
    assert "passwords.yml, line" in message
    assert "hunter2" not in message


def test_an_encrypted_file(tmp_path: Path) -> None:
    extra = vault(tmp_path, ENCRYPTED)
    assert password(tmp_path, "database_password", extra).reveal() == "root-secret"


def test_an_encrypted_file_may_be_readable(tmp_path: Path) -> None:
    extra = vault(tmp_path, ENCRYPTED)
    (tmp_path / "kolla" / "passwords.yml").chmod(0o644)
    assert password(tmp_path, "database_password", extra).reveal() == "root-secret"


def test_an_encrypted_file_is_opened_once(tmp_path: Path) -> None:
    found = password(tmp_path, "database_password", vault(tmp_path, ENCRYPTED))
    assert found.reveal() == found.reveal()
    assert len((tmp_path / "kolla" / "calls").read_text().splitlines()) == 1


def test_an_encrypted_value(tmp_path: Path) -> None:
    extra = vault(tmp_path, INLINE)
    assert password(tmp_path, "mariadb_monitor_password", extra).reveal() == "inline-secret"
    assert password(tmp_path, "rabbitmq_password", extra).reveal() == "plain"


def test_no_secret_is_in_an_argument(tmp_path: Path) -> None:
    extra = vault(tmp_path, INLINE)
    password(tmp_path, "mariadb_monitor_password", extra).reveal()
    calls = (tmp_path / "kolla" / "calls").read_text()
    assert calls == f"decrypt --vault-password-file {tmp_path}/vault.password --output - -\n"


def test_the_password_file_of_the_environment(tmp_path: Path) -> None:
    extra = vault(tmp_path, ENCRYPTED).splitlines()[0]
    told = str(tmp_path / "vault.password")
    found = password(tmp_path, "database_password", extra, ANSIBLE_VAULT_PASSWORD_FILE=told)
    assert found.reveal() == "root-secret"


def test_without_a_password_of_the_vault(tmp_path: Path) -> None:
    extra = vault(tmp_path, ENCRYPTED).splitlines()[0]
    message = refused(password(tmp_path, "database_password", extra))
    assert "vault_password_file" in message
    assert "ANSIBLE_VAULT_PASSWORD_FILE" in message


def test_a_password_file_that_is_missing(tmp_path: Path) -> None:
    extra = vault(tmp_path, ENCRYPTED)
    (tmp_path / "vault.password").unlink()
    assert "cannot be used: No such file" in refused(password(tmp_path, "database_password", extra))


def test_a_password_file_that_everybody_can_read(tmp_path: Path) -> None:
    extra = vault(tmp_path, ENCRYPTED)
    (tmp_path / "vault.password").chmod(0o644)
    assert "chmod 600" in refused(password(tmp_path, "database_password", extra))


def test_a_wrong_password_of_the_vault(tmp_path: Path) -> None:
    extra = vault(tmp_path, ENCRYPTED)
    (tmp_path / "vault.password").write_text("hunter2\n")
    message = refused(password(tmp_path, "database_password", extra))
    assert "ansible-vault view failed: ERROR! Decryption failed" in message
    assert "hunter2" not in message


def test_without_ansible_vault(tmp_path: Path) -> None:
    extra = vault(tmp_path, ENCRYPTED).splitlines()[1]
    message = refused(password(tmp_path, "database_password", extra, PATH="/nonexistent"))
    assert "no program ansible-vault on PATH" in message
    assert "ansible_vault = " in message


def test_a_failure_is_not_remembered(tmp_path: Path) -> None:
    found = password(tmp_path, "database_password", vault(tmp_path, ENCRYPTED))
    (tmp_path / "vault.password").write_text("hunter2\n")
    refused(found)
    (tmp_path / "vault.password").write_text("vaultpass\n")
    assert found.reveal() == "root-secret"


def test_where_a_password_comes_from(tmp_path: Path) -> None:
    path = kolla(tmp_path) / "passwords.yml"
    assert repr(password(tmp_path, "database_password")) == f"<secret from database_password in {path}>"
