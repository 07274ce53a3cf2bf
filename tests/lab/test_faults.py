"""The lab's faults as such: each declared one can be done, wrong requests are refused in words, nothing is forgotten.

Nothing is broken here: the lab only exists in its folder, and the faults that are injected are pretended.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from runbooks.ground.declared import FaultError, plans
from runbooks.lab.faults import FAULTS, active, fault, files, misconfigured, openstack_apis, slow_answers, traffic, vip
from runbooks.lab.faults.active import Faults
from runbooks.lab.faults.declared import checked
from runbooks.lab.faults.fault import Fault
from runbooks.lab.lab import Lab
from runbooks.lab.layout import Layout
from runbooks.lab.services import neutron_options
from runbooks.lab.shell import LabError


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path, Layout(99, "full"), "test")


def test_every_declared_fault_can_be_done_and_no_other() -> None:
    assert set(FAULTS) == set(plans("lab"))


def test_every_fault_says_what_can_be_seen_in_words() -> None:
    for name, plan in plans("lab").items():
        assert plan.title, name
        assert plan.effects, name
        assert all(len(words) > 10 for words in plan.effects.values()), name
        assert all(parameter.title for parameter in plan.parameters.values()), name


def test_no_two_files_have_a_fault_of_the_same_name() -> None:
    from runbooks.lab import faults

    named = [name for file in faults._FILES for name in file.FAULTS]
    assert len(set(named)) == len(named)


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("earthquake", {}, "no fault is called 'earthquake'; there are: compute-service-dead"),
        ("host-down", {}, "host-down needs the parameter host (the host)"),
        ("host-down", {"host": "moon"}, "host-down: host: 'moon' is no known host; there are: ctl01"),
        ("host-down", {"host": "ctl01", "why": "x"}, "host-down has no parameter 'why'; its parameters: host"),
        ("host-down", {"host": ["ctl01"]}, "host-down: host must be a text, not ['ctl01']"),
        ("compute-service-dead", {"host": "ctl01"}, "'ctl01' is no compute host; there are: cmp01, cmp02, cmp03"),
        ("agent-dead", {"host": "cmp01", "binary": "cron"}, "must be one of neutron-openvswitch-agent"),
        ("unit-killed", {"host": "ctl01", "unit": "a b"}, "'a b' is no name of a service"),
        ("unit-killed", {"host": "ctl01", "unit": "--now"}, "'--now' is no name of a service"),
        ("unit-frozen", {"host": "ctl01", "unit": "dbus"}, "without dbus nothing could be taken back"),
        ("unit-frozen", {"host": "ctl01", "unit": "systemd-journald.service"}, "nothing could be taken back"),
        ("unit-frozen", {"host": "ctl01", "unit": "ssh"}, "nothing could be taken back"),
        ("packet-loss", {"host": "ctl01", "percent": "101"}, "percent must be a number from 1 to 100, not '101'"),
        ("packet-loss", {"host": "ctl01", "percent": "many"}, "percent must be a number from 1 to 100"),
        ("packet-loss", {"host": "ctl01", "percent": True}, "percent must be a text, not True"),
        ("port-blocked", {"host": "ctl01", "port": "4567; drop"}, "port must be a number from 1 to 65535"),
        ("hosts-partitioned", {"host": "ctl01", "peers": "ctl02,moon"}, "peers: 'moon' is no known host"),
        ("queue-without-consumer", {"queue": "a/../b"}, "'a/../b' is no name of a queue"),
        ("clock-offset", {"host": "ctl01", "unit": "x", "seconds": "99999999"}, "from -86400 to 86400"),
    ],
)
def test_a_wrong_request_says_what_would_be_right(lab: Lab, name: str, given: dict[str, object], words: str) -> None:
    with pytest.raises(FaultError) as caught:
        checked(lab, name, given)
    assert words in str(caught.value)


def test_defaults_are_filled_in_and_values_are_made_plain(lab: Lab) -> None:
    found = checked(lab, "packet-loss", {"host": "ctl01", "percent": 5, "peers": " ctl02, ctl03,"})
    assert found == {"host": "ctl01", "percent": "5", "peers": "ctl02,ctl03"}
    assert checked(lab, "unit-killed", {"host": "ctl01", "unit": "mariadb.service"})["unit"] == "mariadb"


def test_a_profile_without_the_role_says_so(tmp_path: Path) -> None:
    core = Lab(tmp_path, Layout(99, "core"), "test")
    with pytest.raises(FaultError, match="no storage host; there are: none in the profile core"):
        checked(core, "ceph-osd-down", {"host": "ceph01"})
    with pytest.raises(FaultError, match="the profile core has no Ceph"):
        FAULTS["ceph-full"].refuse(core, {"level": "full"})


@pytest.mark.parametrize("name", ["host-down", "link-cut", "disk-full", "ceph-osd-down", "unit-killed", "api-500"])
def test_nothing_breaks_on_a_host_that_is_off(lab: Lab, name: str) -> None:
    given: Mapping[str, object] = {
        "host-down": {"host": "cmp01"},
        "link-cut": {"host": "cmp01"},
        "disk-full": {"host": "cmp01"},
        "ceph-osd-down": {"host": "ceph01"},
        "unit-killed": {"host": "cmp01", "unit": "nova-compute"},
        "api-500": {"service": "heat"},
    }[name]
    with pytest.raises(FaultError, match=r"is off: nothing runs there|the lab has no heat"):
        Faults(lab).inject(name, given)
    assert Faults(lab).active == {}


class Pretended:
    """A fault that only remembers what was done with it."""

    def __init__(self) -> None:
        self.shown = False
        self.done: list[str] = []
        self.trouble: Exception | None = None

    def fault(self, shows: bool = True) -> Fault:
        def inject(lab: Lab, parameters: fault.Parameters) -> None:
            self.done.append("inject")
            if self.trouble:
                raise self.trouble
            self.shown = shows

        def undo(lab: Lab, parameters: fault.Parameters) -> None:
            self.done.append("undo")
            self.shown = False

        return Fault(inject, undo, lambda lab, parameters: self.shown, seconds=0)


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> Pretended:
    found = Pretended()
    monkeypatch.setattr(active, "FAULTS", {"host-down": found.fault(), "host-hung": found.fault(shows=False)})
    return found


def test_what_is_broken_is_known_to_the_next_process_and_can_be_taken_back(lab: Lab, pretended: Pretended) -> None:
    made = Faults(lab).inject("host-down", {"host": "cmp01"})
    with pytest.raises(FaultError, match="host-down is already in effect there, as f1; undo it first"):
        Faults(lab).inject("host-down", {"host": "cmp01"})
    again = Faults(lab)
    assert again.active == {"f1": made}
    again.undo("f1")
    assert (pretended.done, again.active) == (["inject", "undo"], {})
    with pytest.raises(FaultError, match="no fault 'f1' is in effect; there are: none"):
        again.undo("f1")
    assert again.inject("host-down", {"host": "cmp01"}).id == "f2"


def test_what_does_not_show_is_taken_back(lab: Lab, pretended: Pretended) -> None:
    with pytest.raises(FaultError, match="was injected, but the system does not show it"):
        Faults(lab).inject("host-hung", {"host": "cmp01"})
    assert pretended.done == ["inject", "undo"]
    assert Faults(lab).active == {}


def test_an_interrupted_injection_stays_known(lab: Lab, pretended: Pretended) -> None:
    pretended.trouble = LabError("the host", "is gone")
    with pytest.raises(LabError):
        Faults(lab).inject("host-down", {"host": "cmp01"})
    assert list(Faults(lab).active) == ["f1"]
    Faults(lab).undo("f1")
    assert pretended.done == ["inject", "undo"]


def test_what_does_not_heal_stays_known(lab: Lab, pretended: Pretended, monkeypatch: pytest.MonkeyPatch) -> None:
    faults = Faults(lab)
    faults.inject("host-down", {"host": "cmp01"})
    stays = Fault(lambda *_: None, lambda *_: None, lambda *_: True, seconds=0)
    monkeypatch.setattr(active, "FAULTS", {"host-down": stays})
    with pytest.raises(LabError, match="was taken back: but the system still shows it"):
        faults.undo("f1")
    assert list(faults.active) == ["f1"]


def test_a_damaged_list_says_where_it_is(lab: Lab) -> None:
    (lab.state / "faults.json").write_text("{")
    with pytest.raises(LabError, match=r"faults\.json: is damaged"):
        _ = Faults(lab).active


def test_the_first_note_stays_until_it_is_forgotten(lab: Lab) -> None:
    fault.remember(lab, "key", {"text": "as it was"})
    fault.remember(lab, "key", {"text": "as it is now"})
    assert fault.recall(lab, "key") == {"text": "as it was"}
    assert (lab.state / "faults" / "key.json").stat().st_mode & 0o777 == 0o600
    fault.forget(lab, "key")
    assert fault.recall(lab, "key") == {}


def test_a_changed_file_is_put_back_as_it_was(lab: Lab) -> None:
    machine = lab.machines["ctl01"]
    path = machine.root / "etc" / "a.conf"
    path.parent.mkdir(parents=True)
    path.write_text("right\n")
    path.chmod(0o640)
    files.change(lab, machine, "x", "/etc/a.conf", lambda before: before + "wrong\n")
    assert path.read_text() == "right\nwrong\n"
    assert files.put_back(lab, machine, "x", "/etc/a.conf")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("right\n", 0o640)
    assert not files.put_back(lab, machine, "x", "/etc/a.conf")
    with pytest.raises(FaultError, match="nothing to be changed"):
        files.change(lab, machine, "x", "/etc/a.conf", lambda before: before)
    with pytest.raises(FaultError, match=r"ctl01 has no /etc/b\.conf"):
        files.change(lab, machine, "x", "/etc/b.conf", lambda before: before)


def test_a_wrong_setting_is_the_only_change_of_its_file() -> None:
    setting = misconfigured.Setting(("agent",), "/etc/agent.ini", "nova", "password", "wrong")
    right = "[DEFAULT]\npassword = a\n\n[nova]\nuser = neutron\npassword = b\n\n[placement]\npassword = c\n"
    wrong = setting.changed(right)
    assert wrong == right.replace("password = b", "password = wrong")
    assert (setting.value(right), setting.value(wrong)) == ("b", "wrong")
    assert setting.changed("[nova]\nuser = neutron\n[placement]\npassword = c\n").endswith("password = c\n")
    assert setting.value("[nova]\nuser = neutron\n[placement]\npassword = c\n") == ""


def test_wrong_settings_are_found_in_the_files_that_the_lab_writes(lab: Lab) -> None:
    network, control = lab.machines["net01"], lab.machines["ctl01"]
    for text, section, option in (
        (neutron_options.metadata(lab), "DEFAULT", "metadata_proxy_shared_secret"),
        (neutron_options.switch(network), "ovs", "bridge_mappings"),
        (neutron_options.server(lab, control), "nova", "password"),
    ):
        assert misconfigured.Setting((), "", section, option, "").value(text)


def test_rules_of_a_fault_name_it_and_are_one_table() -> None:
    text = traffic.rules("nephoscope_1", "nephoscope packet-loss", ["tcp dport 1 drop"], ["tcp sport 1 drop"])
    assert text.startswith("table inet nephoscope_1 {\n")
    assert text.count('drop comment "nephoscope packet-loss"') == 2
    assert text.count("{") == text.count("}") == 3


def test_the_same_fault_elsewhere_has_another_table() -> None:
    one = traffic.table("packet-loss", {"host": "ctl01", "percent": "30"})
    assert one == traffic.table("packet-loss", {"percent": "30", "host": "ctl01"})
    assert one != traffic.table("packet-loss", {"host": "ctl02", "percent": "30"})
    assert len(one) <= 32


def test_a_blocked_port_is_blocked_at_both_ends(lab: Lab) -> None:
    given = {"host": "ctl02", "port": "4567", "protocol": "tcp", "peers": "ctl01"}
    come, go = traffic._port(lab, given)
    assert list(come) == ["ip saddr { 10.99.0.11 } tcp dport 4567 counter drop"]
    assert list(go) == [f"ip daddr {{ 10.99.0.11 }} tcp {end} 4567 counter drop" for end in ("sport", "dport")]
    come, go = traffic._port(lab, given | {"peers": ""})
    assert list(come) == ["tcp dport 4567 counter drop"]


def test_a_host_is_cut_off_from_all_addresses_of_the_others(lab: Lab) -> None:
    found = traffic.addresses(lab, "", "ctl01")
    assert {"10.99.0.12", "10.99.0.31", "10.99.1.31"} <= set(found)
    assert "10.99.0.11" not in found
    assert "10.99.0.1" not in found  # the machine, which all tests and clients are on
    with pytest.raises(FaultError, match="ctl01 cannot be cut off from itself"):
        traffic.addresses(lab, "ctl01,ctl02", "ctl01")


@pytest.mark.parametrize(
    ("said", "percent"),
    [
        ("3 packets transmitted, 3 received, 0% packet loss, time 2ms", 0.0),
        ("60 packets transmitted, 41 received, 31.6667% packet loss, time 1ms", 31.6667),
        ("ping: connect: Network is unreachable", 0.0),
    ],
)
def test_the_loss_that_ping_tells(said: str, percent: float) -> None:
    assert traffic.lost(said) == percent


def test_the_stranger_has_our_router_id_and_address(lab: Lab) -> None:
    text = vip.stranger(lab)
    assert "virtual_router_id 51" in text
    assert "10.99.0.10/24" in text
    assert text.count("{") == text.count("}")


def test_every_api_has_a_port_a_type_and_a_unit() -> None:
    assert set(openstack_apis.TYPES) == set(vip.UNITS)
    assert all(openstack_apis.port(service) for service in openstack_apis.TYPES)
    assert set(openstack_apis.LISTS) == set(openstack_apis.TYPES) - {"keystone"}


def test_a_dripping_api_is_led_through_the_program() -> None:
    text = slow_answers.rules("nephoscope_1", "10.99.0.10", 9292)
    assert "ip daddr 10.99.0.10 tcp dport 9292 redirect to :19292" in text
    assert text.count("{") == text.count("}")


def test_drills_find_their_faults() -> None:
    """The faults that drills are built on, as the catalogue of drills names them."""
    wanted = set(json.loads((Path(__file__).parent / "drill_faults.json").read_text()).values())
    assert wanted <= set(FAULTS)
