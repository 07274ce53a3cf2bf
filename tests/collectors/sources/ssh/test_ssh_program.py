"""The system's ssh gets exactly the way that the console reads on: OpenSSH itself says what it understood."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from collectors.errors import BadConfiguration, UsageError
from collectors.sources.routes import Hop
from collectors.sources.ssh_program import configuration, shell_command
from tests.collectors.sources.ssh.test_simulated_site import site
from tests.ssh_ground import SshGround

pytestmark = pytest.mark.skipif(shutil.which("ssh") is None, reason="needs OpenSSH's client")


def hop(**changes: object) -> Hop:
    values: dict[str, object] = {
        "name": "ctl01", "address": "10.0.0.11", "port": 22, "user": "kolla", "key_name": "10.0.0.11",
        "known_hosts": (Path("/etc/my hosts"),), "identities": (Path("/keys/id%a"),), "agent": "",
        "identities_only": True,
    }  # fmt: skip
    return Hop(**(values | changes))  # type: ignore[arg-type]


def understood(tmp_path: Path, found: Hop, alias: str = "target") -> dict[str, str]:
    config = tmp_path / "ssh_config"
    config.write_text(configuration(found))
    done = subprocess.run(["ssh", "-G", "-F", str(config), alias], capture_output=True, text=True, check=True)
    return dict(line.partition(" ")[::2] for line in done.stdout.splitlines())


def test_openssh_understands_the_way(tmp_path: Path) -> None:
    bastion = hop(
        name="bastion", address="192.0.2.1", port=2222, user="ana", key_name="[192.0.2.1]:2222", agent="/run/a"
    )
    said = understood(tmp_path, hop(through=bastion))
    assert (said["hostname"], said["port"], said["user"]) == ("10.0.0.11", "22", "kolla")
    assert said["stricthostkeychecking"] in ("yes", "true")
    assert (said["hostkeyalias"], said["proxyjump"]) == ("10.0.0.11", "hop-1")
    assert "/etc/my hosts" in said["userknownhostsfile"]
    assert said["forwardagent"] == "no"
    first = understood(tmp_path, hop(through=bastion), "hop-1")
    assert (first["hostname"], first["port"], first["user"]) == ("192.0.2.1", "2222", "ana")
    assert first["identityagent"] == "/run/a"


def test_nothing_can_be_smuggled_into_the_configuration() -> None:
    with pytest.raises(BadConfiguration):
        configuration(hop(user='x"\n  ProxyCommand evil'))
    with pytest.raises(UsageError, match="is no name of a namespace"):
        shell_command(Path("/c"), hop(), "x; reboot")
    assert shell_command(Path("/c"), hop(), "qdhcp-1")[-1] == "sudo ip netns exec qdhcp-1 bash -l"
    assert shell_command(Path("/c"), hop(user="root"), "q")[-1] == "ip netns exec q bash -l"


def test_it_reaches_simulated_hosts_and_refuses_a_changed_key(tmp_path: Path) -> None:
    from collectors.sources.ssh import SshSource

    with SshGround(tmp_path) as ground:
        found = SshSource(site(ground)).hop("ctl02")
        config = tmp_path / "way"
        config.write_text(configuration(found))
        command = shell_command(config, found)
        done = subprocess.run([*command[:-1], "target", "hostname"], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout.strip()) == (0, "ctl02"), done.stderr
        known = ground.folder / "known_hosts"
        other = known.read_text().splitlines()[0].split()[-1]
        known.write_text(f"{found.key_name} ssh-ed25519 {other[:-4]}AAAA\n")
        done = subprocess.run([*command[:-1], "target", "hostname"], capture_output=True, text=True, check=False)
        assert done.returncode == 255
        assert "ctl02" not in done.stdout
