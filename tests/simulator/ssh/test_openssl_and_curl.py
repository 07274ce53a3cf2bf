"""`openssl s_client`, `x509` and `curl` on a simulated host, in the words of OpenSSL 3.0 and curl 7.88."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from shutil import which

import pytest

from runbooks.simulator.faults import Faults
from runbooks.simulator.model.ceph.managers import DASHBOARD
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.ssh.conftest import Run

CA = "/etc/kolla/haproxy/ca-certificates/root.crt"


@pytest.fixture
def vip(cloud: Cloud) -> str:
    return cloud.layout.vip


@pytest.fixture
def faults(cloud: Cloud) -> Faults:
    return Faults(cloud)


# -- s_client --------------------------------------------------------------------------------------------------------


def test_a_handshake_that_nobody_vouches_for(run: Run, cloud: Cloud, vip: str) -> None:
    found = run(f"openssl s_client -connect {vip}:8443 </dev/null")
    name = re.findall(r" 0 s:CN = (.+)", found.out)[0]
    assert found.status == 0
    assert found.err.splitlines() == [
        "Can't use SSL_get_servername",
        f"depth=0 CN = {name}",
        "verify error:num=20:unable to get local issuer certificate",
        "verify return:1",
        f"depth=0 CN = {name}",
        "verify error:num=21:unable to verify the first certificate",
        "verify return:1",
        f"depth=0 CN = {name}",
        "verify return:1",
        "DONE",
    ]
    lines = found.out.splitlines()
    assert lines[:3] == ["CONNECTED(00000003)", "---", "Certificate chain"]
    assert lines[4:6] == ["   i:CN = simulator-ca", "   a:PKEY: id-ecPublicKey, 256 (bit); sigalg: ecdsa-with-SHA256"]
    assert lines[-2:] == ["Verify return code: 21 (unable to verify the first certificate)", "---"]
    assert cloud.secrets.authority.served(name) in found.out
    assert f"subject=CN = {name}\nissuer=CN = simulator-ca\n" in found.out


def test_with_the_authority_it_is_ok(run: Run, vip: str) -> None:
    found = run(f"sudo openssl s_client -connect {vip}:8443 -CAfile {CA} </dev/null")
    assert found.err.splitlines()[1:3] == ["depth=1 CN = simulator-ca", "verify return:1"]
    assert "\nVerification: OK\n" in found.out
    assert found.out.endswith("Verify return code: 0 (ok)\n---\n")
    assert "Permission denied" in run(f"openssl s_client -connect {vip}:8443 -CAfile {CA}").err


def test_an_expired_certificate_says_so(run: Run, cloud: Cloud, faults: Faults) -> None:
    authority = cloud.secrets.authority
    authority.context(DASHBOARD, cloud.ceph.managers.certified())
    address = cloud.hosts[cloud.ceph.managers.active].machine.address
    line = f"sudo openssl s_client -connect {address}:8443 -CAfile {CA}"
    assert "Verify return code: 0 (ok)" in run(line).out
    fault = faults.inject("certificate-expired", {})
    found = run(line)
    assert "Verify return code: 10 (certificate has expired)" in found.out
    assert "verify error:num=10:certificate has expired\nnotAfter=" in found.err
    refused = run(f"{line} -verify_return_error")
    assert (refused.status, "no peer certificate available" in refused.out) == (1, True)
    assert "Certificate will expire" in run(f"{line} 2>/dev/null | openssl x509 -noout -checkend 0").out
    faults.undo(fault.id)
    assert "Verify return code: 0 (ok)" in run(line).out


def test_what_is_served_is_not_what_is_in_the_file(run: Run, vip: str, faults: Faults) -> None:
    served = f"openssl s_client -connect {vip}:8443 2>/dev/null </dev/null | openssl x509 -noout -serial"
    kept = "sudo openssl x509 -in /etc/kolla/haproxy/haproxy.pem -noout -serial"
    assert run(served).out == run(kept).out
    fault = faults.inject("certificate-not-loaded", {})
    assert run(served).out != run(kept).out
    faults.undo(fault.id)
    assert run(served).out == run(kept).out


@pytest.mark.parametrize(
    ("where", "err", "status"),
    [
        ("{vip}:8444", "Connection refused:../crypto/bio/bio_sock2.c:117:calling connect()", 1),
        ("{vip}:5000", "error:0A00010B:SSL routines:ssl3_get_record:wrong version number", 1),
        ("nosuchhost:443", "Name or service not known\nconnect:errno=0", 1),
    ],
)
def test_where_no_tls_is(run: Run, vip: str, where: str, err: str, status: int) -> None:
    found = run(f"openssl s_client -connect {where.format(vip=vip)} </dev/null")
    assert (found.status, err in found.err) == (status, True)


def test_wrong_options(run: Run) -> None:
    assert run("openssl s_client -quux").err == "s_client: Unknown option: -quux\ns_client: Use -help for summary.\n"
    assert "Option -connect needs a value" in run("openssl s_client -connect").err


# -- x509 ------------------------------------------------------------------------------------------------------------

REAL = ""
if which("openssl"):
    REAL = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True).stdout
compared = pytest.mark.skipif(not REAL.startswith("OpenSSL 3.0"), reason="no OpenSSL 3.0 here to compare with")
ASKED = "-subject -issuer -dates -serial -fingerprint -ext subjectAltName -checkend 60"


@compared
@pytest.mark.parametrize("options", ["-noout -text", f"-noout {ASKED}", "-noout -enddate -sha256 -fingerprint", ""])
def test_x509_says_what_a_real_openssl_says(run: Run, cloud: Cloud, vip: str, tmp_path: Path, options: str) -> None:
    found = run(f"openssl s_client -connect {vip}:8443 </dev/null 2>/dev/null | openssl x509 {options}")
    name = re.findall(r" 0 s:CN = (.+)", run(f"openssl s_client -connect {vip}:8443").out)[0]
    file = tmp_path / "served.pem"
    file.write_text(cloud.secrets.authority.served(name))
    real = subprocess.run(["openssl", "x509", "-in", str(file), *options.split()], capture_output=True, text=True,
                          check=True)  # fmt: skip
    assert found.out == real.stdout


@compared
def test_x509_of_the_authority_and_of_nothing(run: Run, cloud: Cloud, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text(cloud.secrets.authority.pem)
    real = subprocess.run(["openssl", "x509", "-in", str(file), "-noout", "-text"], capture_output=True, text=True,
                          check=True)  # fmt: skip
    assert run(f"sudo openssl x509 -in {CA} -noout -text").out == real.stdout
    nothing = run("echo | openssl x509 -noout -enddate")
    assert (nothing.status, nothing.err) == (1, "Could not read certificate from <stdin>\nUnable to load certificate\n")


# -- curl ------------------------------------------------------------------------------------------------------------


def test_curl_asks_an_api(run: Run, vip: str, faults: Faults) -> None:
    found = run(f"curl -s http://{vip}:5000/v3")
    assert json.loads(found.out)["version"]["id"].startswith("v3")
    assert run(f"curl -s -o /dev/null -w '%{{http_code}}\\n' http://{vip}:9696/v2.0/networks").out == "401\n"
    heads = run(f"curl -sI http://{vip}:5000/v3").out
    assert heads.startswith("HTTP/1.1 200 OK\r\n")
    assert heads.endswith("\r\n\r\n")
    failed = run(f"curl -sSf http://{vip}:9696/v2.0/networks")
    assert (failed.status, failed.err) == (22, "curl: (22) The requested URL returned error: 401\n")
    faults.inject("endpoint-dead", {"service": "keystone", "interface": "public"})
    dead = run(f"curl -sS http://{vip}:5000/v3")
    assert dead.status == 7
    assert re.fullmatch(rf"curl: \(7\) Failed to connect to {vip} port 5000 after \d+ ms: "
                        r"Couldn't connect to server\n", dead.err)  # fmt: skip


def test_curl_meets_an_api_that_hangs_or_has_no_server(run: Run, cloud: Cloud, vip: str, faults: Faults) -> None:
    hanging = faults.inject("api-hang", {"service": "nova"})
    late = run(f"curl -sS -m 3 http://{vip}:8774/")
    assert (late.status, late.err) == (
        28,
        "curl: (28) Operation timed out after 3001 milliseconds with 0 bytes received\n",
    )
    assert "504 Gateway Time-out" in run(f"curl -s http://{vip}:8774/").out
    faults.undo(hanging.id)
    assert run(f"curl -s -o /dev/null -w '%{{http_code}}' http://{vip}:8774/").out == "200"
    for host in ("ctl01", "ctl02", "ctl03"):
        faults.inject("haproxy-server-down", {"host": host, "service": "nova"})
    assert "503 Service Unavailable" in run(f"curl -s http://{vip}:8774/").out
    own = cloud.hosts["ctl01"].machine.address
    assert run(f"curl -sS http://{own}:8774/").status == 7


def test_curl_and_certificates(run: Run, vip: str) -> None:
    refused = run(f"curl -sS https://{vip}:8443/")
    assert refused.status == 60
    assert refused.err.startswith("curl: (60) SSL certificate problem: unable to get local issuer certificate\n")
    assert "Location: /auth/login/\r\n" in run(f"curl -ski https://{vip}:8443/").out
    assert run(f"sudo curl -s -o /dev/null -w '%{{http_code}}' --cacert {CA} https://{vip}:8443/").out == "302"
    assert run(f"curl -sS http://{vip}:8443/").err == "curl: (52) Empty reply from server\n"
    assert "wrong version number" in run(f"curl -sSk https://{vip}:5000/").err
    assert run("curl -sS http://nosuchhost/").err == "curl: (6) Could not resolve host: nosuchhost\n"


def test_metadata_in_namespaces(run: Run, cloud: Cloud) -> None:
    """A router's proxy takes only what comes from its networks; a DHCP server's is there where no router is."""
    router = next(iter(cloud.network.routers.active))
    host = cloud.network.routers.active[router]
    inside = f"ip netns exec qrouter-{router} curl -sS -m 2"
    line = f"{inside} http://127.0.0.1:9697/"
    assert "Timeout was reached" in run(line, host=host, user="root").err
    away = run(f"{inside} http://169.254.169.254/latest/meta-data/", host=host, user="root")
    assert (away.status, "port 80 after 2000 ms: Timeout was reached" in away.err) == (28, True)
    network = cloud.network.networks[cloud.tenants[0].network_id]
    served = f"ip netns exec qdhcp-{network.id} curl -sS -w ' %{{http_code}}' http://169.254.169.254/"
    assert run(served, host="net01", user="root").status == 7, "its router has the proxy"
    for port in list(cloud.network.ports.of_services(network.id)):
        if port.device_id in cloud.network.routers.by_id:
            cloud.network.ports.delete(port)
    healthy = run(served, host="net01", user="root")
    assert "The resource could not be found." in healthy.out, "this is no server: so it says nothing"
    assert healthy.out.endswith(" 404")
    forged = run(served.replace("curl", "curl -H 'X-Forwarded-For: 10.64.0.10'"), host="net01", user="root")
    assert forged.out.endswith(" 500"), "the proxy adds who really asks, and two addresses are none"
    cloud.hosts.set_unit("net01", "neutron_metadata_agent", "failed", cloud.now())
    assert "No server is available to handle this request." in run(served, host="net01", user="root").out


def test_checksums(run: Run) -> None:
    assert run("echo hello | sha256sum").out == (
        "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  -\n"
    )
    assert run("md5sum /nope").status == 1
