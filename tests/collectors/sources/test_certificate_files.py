"""Certificate files: what of a host's configuration is a path to one, and which file is the one that is served."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from collectors.connections import Connections
from collectors.deadline import Deadline
from collectors.errors import SourceError, UsageError
from collectors.request import Certificates
from collectors.site import CertificatesSite, WebSite
from collectors.sources.base import Where
from collectors.sources.certificate_files import compare, of_host
from collectors.sources.entries import command
from collectors.sources.parsers import certificates
from collectors.sources.tls import TlsSource
from runbooks.simulator.certificates import Authority
from tests.collectors.sources.test_tls import served
from tests.scripted_ssh import scripted_host

DAY = timedelta(days=1)
NOW = datetime.now(UTC)


# -- what the commands print ------------------------------------------------------------------------------------------


def test_files_that_are_private_keys_by_name_are_passed_over() -> None:
    told = b"".join(
        f"1795814323.5 611 {path}\n".encode()
        for path in ("/etc/pki/libvirt/servercert.pem", "/etc/pki/libvirt/private/serverkey.pem", "/etc/x/api-key.pem",
                     "/etc/kolla/keystone/keystone-cert.pem", "/etc/kolla/haproxy/haproxy.pem", "/etc/x/tls.key")
    )  # fmt: skip
    assert [row["path"] for row in certificates.files(told)] == [
        "/etc/pki/libvirt/servercert.pem", "/etc/kolla/keystone/keystone-cert.pem", "/etc/kolla/haproxy/haproxy.pem",
    ]  # fmt: skip


def test_what_configurations_name_with_kollas_paths_brought_to_the_host() -> None:
    told = b"""\
/etc/kolla/haproxy/haproxy.cfg:crt /etc/haproxy/haproxy.pem
/etc/haproxy/haproxy.cfg:ca-file /etc/ssl/ca.pem
/etc/rabbitmq/rabbitmq.conf:certfile = /etc/rabbitmq/server.pem
/etc/mysql/mariadb.conf.d/50-server.cnf:ssl-cert = /etc/mysql/server-cert.pem
/etc/kolla/nova-compute/nova.conf:cafile = /etc/ssl/certs/ca-certificates.crt
/etc/rabbitmq/rabbitmq.conf:certfile = /etc/rabbitmq/server.key
"""
    assert [(row["path"], row["service"]) for row in certificates.names(told)] == [
        ("/etc/kolla/haproxy/haproxy.pem", "haproxy"),
        ("/etc/ssl/ca.pem", "haproxy"),
        ("/etc/rabbitmq/server.pem", "rabbitmq"),
        ("/etc/mysql/server-cert.pem", "mysql"),
        ("/etc/ssl/certs/ca-certificates.crt", "nova-compute"),
    ]


@pytest.mark.parametrize("path", ["/etc/x/server.key", "/etc/x/serverkey.pem", "/etc/../root/a.pem", "relative.pem"])
def test_openssl_is_never_given_a_private_key_by_name(path: str) -> None:
    with pytest.raises(UsageError):
        command(f"certificate-file path={path}")
    with pytest.raises(UsageError):
        command(f"certificate-chain path=/etc/good.pem,{path}")


def test_a_configurations_secrets_stay_on_the_host(tmp_path: Path) -> None:
    """The very grep of the entry, on a real file."""
    import subprocess

    folder = tmp_path / "nova"
    folder.mkdir()
    (folder / "nova.conf").write_text(
        "[database]\nconnection = mysql+pymysql://nova:TopSecret@10.0.0.9/nova?ssl_ca=/etc/ssl/db.pem\n"
        "[keystone_authtoken]\npassword = TopSecret\ncafile = /etc/ssl/ca.pem\ncertfile=\n"
    )
    words = list(command("certificate-names").words)
    done = subprocess.run([*words[: words.index("--") + 1], tmp_path], capture_output=True, text=True, check=True)
    assert "TopSecret" not in done.stdout
    lines = sorted(line.partition(":")[2] for line in done.stdout.splitlines())
    assert lines == ["cafile = /etc/ssl/ca.pem", "ssl_ca=/etc/ssl/db.pem"]


# -- which of them is served ------------------------------------------------------------------------------------------


def item(host: str, serial: str, begin: float, *, port: int | None = None, **more: Any) -> dict[str, Any]:
    """A file of `host`, or, with a port, what the address `host` serves."""
    about: dict[str, Any] = {"address": host, "port": port} if port else {"host": host, "path": "/a.pem"}
    return (
        about | {"subject": "CN=api", "issuer": "CN=ca", "names": ["api"], "serial": serial, "not_before": begin} | more
    )


HOSTS = [("ctl01", "10.0.0.11"), ("ctl02", "10.0.0.12")]


def test_a_file_that_is_served() -> None:
    served, file = item("10.0.0.10", "a1", 5.0, port=443), item("ctl01", "a1", 5.0)
    compare([served], [file], HOSTS)
    assert file["served_at"] == ["10.0.0.10:443"]
    assert served["files"] == ["ctl01:/a.pem"]
    assert "older_at" not in file
    assert "renewed_in" not in served


def test_renewed_everywhere_and_loaded_nowhere() -> None:
    served = item("10.0.0.10", "a1", 5.0, port=443)
    files = [item("ctl01", "b2", 9.0), item("ctl02", "b2", 9.0)]
    compare([served], files, HOSTS)
    assert [file["older_at"] for file in files] == [["10.0.0.10:443"]] * 2
    assert served["renewed_in"] == ["ctl01:/a.pem", "ctl02:/a.pem"]


def test_renewed_on_one_host_while_another_holds_and_serves_the_old_one() -> None:
    """Who has the virtual address cannot be told from here: nothing is said."""
    served, new, old = item("10.0.0.10", "a1", 5.0, port=443), item("ctl01", "b2", 9.0), item("ctl02", "a1", 5.0)
    compare([served], [new, old], HOSTS)
    assert "older_at" not in new


def test_a_hosts_own_address_is_compared_with_its_own_files() -> None:
    served, new, old = item("10.0.0.11", "a1", 5.0, port=443), item("ctl01", "b2", 9.0), item("ctl02", "a1", 5.0)
    compare([served], [new, old], HOSTS)
    assert new["older_at"] == ["10.0.0.11:443"]
    assert "served_at" not in old


@pytest.mark.parametrize(
    "other", [{"subject": "CN=db"}, {"names": ["db"]}, {"not_before": 3.0}], ids=["subject", "names", "older"]
)
def test_another_certificate_is_no_renewal(other: dict[str, Any]) -> None:
    served, file = item("10.0.0.10", "a1", 5.0, port=443), item("ctl01", "b2", 9.0) | other
    compare([served], [file], HOSTS)
    assert "older_at" not in file


def test_an_address_without_an_answer() -> None:
    file = item("ctl01", "b2", 9.0)
    compare([{"address": "10.0.0.10", "port": 443, "error": "connection refused"}], [file], HOSTS)
    assert "older_at" not in file


# -- a host -----------------------------------------------------------------------------------------------------------


def test_a_hosts_files_in_two_round_trips_and_by_real_openssl(tmp_path: Path) -> None:
    signer = Authority("example CA")
    both = signer.signed("api", ["api.example"], NOW - DAY, NOW + 9 * DAY) + signer.pem.encode()
    (tmp_path / "haproxy.pem").write_bytes(both)
    (tmp_path / "empty.pem").write_text("nothing of the kind\n")
    (tmp_path / "host").mkdir()
    with scripted_host(tmp_path / "host") as host:
        paths = [tmp_path / name for name in ("haproxy.pem", "empty.pem", "gone.pem")]
        listed = "".join(f"echo '1795814323.5 611 {path}'; " for path in paths)
        host.program("find", listed)
        named = f"echo '/etc/haproxy/haproxy.cfg:crt {paths[0]}'"
        host.program("grep", f'[ "$1" = -r ] && {{ {named}; exit 2; }}; exec /usr/bin/env -i /bin/grep "$@"')
        ways = Connections(host.site())
        items, error = of_host(ways.ssh(), "ctl01", Deadline(10))
        assert error is None
        (found,) = items
        assert (found["path"], found["used_by"], found["chain"]) == (str(paths[0]), ["haproxy"], 2)
        assert (found["subject"], found["names"], found["authority"]) == ("CN=api", ["api.example"], False)
        assert "PRIVATE" not in str(found)
        assert len(host.lines) == 2
        ways.close()


def test_an_address_that_only_a_host_reaches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "none.yaml"))
    signer = Authority("example CA")
    for name in ("tls", "host"):
        (tmp_path / name).mkdir()
    with served(tmp_path / "tls", signer) as (port, ca), scripted_host(tmp_path / "host") as host:
        host.program("find", "exit 1")
        host.program("grep", "exit 1")
        loki = WebSite((("mon01", f"https://127.0.0.1:{port}"),), via="ssh:ctl01", ca=ca)
        site = replace(host.site(), prometheus=loki, certificates=CertificatesSite((f"localhost:{port}",)))
        ways = Connections(site)
        pages = TlsSource(site, ways).read(Certificates(3.0), "certificates", Deadline(10), Where())
        rows = {row["address"]: row for page in islice(pages, 2) for row in page.items}
        with pytest.raises(SourceError):
            next(pages)  # the catalogue of no cloud cannot be read
        assert rows["127.0.0.1"]["used_by"] == ["prometheus"]
        assert rows["127.0.0.1"]["subject"] == "CN=horizon.example"
        assert host.channels == 2
        assert rows["localhost"]["subject"] == "CN=horizon.example"
        ways.close()
