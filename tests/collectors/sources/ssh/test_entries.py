"""commands.yaml: every entry is well-formed and only reads; arguments are held to their grammar."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from collectors.errors import UsageError
from collectors.sources.ceph_commands import COMMANDS, entry_of
from collectors.sources.entries import Entry, command, entries, line_parser, parser

READERS = {
    *("date", "cat", "grep", "nproc", "uname", "df", "systemctl", "docker", "podman", "true", "ceph", "rbd"),
    *("ip", "bridge", "find", "du", "ps", "ovs-vsctl", "ovs-ofctl", "ovs-appctl", "iptables-save", "nft", "ss"),
    *("journalctl", "tail", "timeout", "chronyc", "dpkg-query", "rpm", "virsh"),
    *("socat", "openssl", "ovn-appctl", "ovn-nbctl", "ovn-sbctl"),
    *("pgrep", "sh"),
}
"""Programs that may be named, with what they may do below."""
VERBS = {
    "chronyc": {"-c"},
    "du": {"-axk"},
    "dpkg-query": {"-W"},
    "rpm": {"-qa"},
    "systemctl": {"list-units", "show"},
    "virsh": {"-r"},
    "docker": {"ps", "logs", "exec"},
    "podman": {"ps", "logs"},
}
CHANGES = {"-execdir", "-delete", "-ok", "-fprint", "-fprintf", "--rotate", "--flush", "--vacuum-size"}
OPERANDS = {
    "ip": {"addr", "link", "route", "rule", "neigh", "netns", "list", "{namespace}"},
    "bridge": {"link", "fdb", "show", "br", "{bridge}"},
    "ovs-vsctl": {"list", "find", "Bridge", "Port", "Interface", "Controller", "type=vxlan"},
    "ovs-ofctl": {"dump-aggregate", "dump-flows", "show", "{bridge}", "br-phy", "udp", "table=0"},
    "ovs-appctl": {"fdb/show", "{bridge}"},
    "nft": {"list", "ruleset"},
    "ovn-appctl": {"/var/run/ovn/ovnnb_db.ctl", "/var/run/ovn/ovnsb_db.ctl", "/var/run/ovn/ovn-northd.ctl",
                   "ovn-northd", "cluster/status", "OVN_Northbound", "OVN_Southbound", "status"},
    "ovn-nbctl": {"list", "NB_Global", "Logical_Switch", "Logical_Switch_Port", "Logical_Router",
                  "Logical_Router_Port", "NAT", "Gateway_Chassis", "HA_Chassis_Group", "HA_Chassis"},
    "ovn-sbctl": {"list", "find", "Chassis", "Chassis_Private", "Encap", "SB_Global", "Port_Binding",
                  "Datapath_Binding", "type=chassisredirect"},
}  # fmt: skip
"""All that may follow such a program, besides its options."""
WHOLE_CLOUD = ("ovn-nbctl", "ovn-sbctl")
"""Their lists are about all hosts, and read from one."""
EXEC = ["ip", "netns", "exec", "{namespace}"]


@pytest.mark.parametrize("name", entries())
def test_every_entry_only_reads(name: str) -> None:
    words = list(entries()[name].command)
    if words[:4] == EXEC:
        del words[:4]
        assert words[0] in ("iptables-save", "nft", "ss")
    assert words[0] in READERS
    if words[0] == "sh":
        assert not entries()[name].arguments, "a fixed line"
        assert words[1] == "-c"
        assert any(reads in words[2] for reads in ("timeout 25 galera_recovery", "--wsrep-recover")), (
            "and ends by itself"
        )
    assert not CHANGES & set(words)
    if words[0] == "timeout":
        words = words[2:]
        assert words[0] in VERBS
    if words[0] in OPERANDS:
        assert {word for word in words[1:] if not word.startswith("-")} <= OPERANDS[words[0]]
    if "-exec" in words:
        assert words[0] == "find"
        assert words[words.index("-exec") + 1] == "stat"
    if words[0] in VERBS:
        assert words[1] in VERBS[words[0]]
    if words[1:2] == ["exec"]:
        assert words[3:5] == ["virsh", "-r"]
    if words[0] == "socat":
        assert entries()[name].input in ("show stat", "show info")
        assert words[-1] == "UNIX-CONNECT:{socket}"
    else:
        assert not entries()[name].input
    assert not (entries()[name].input and entries()[name].container), "a container is given no input"
    if words[0] == "ceph":
        assert words[1:] == ["--admin-daemon", "{socket}", "mon_status"] or _ceph_command(words) in COMMANDS
    if words[0] == "rbd":
        assert words[3] == "ls"
    if words[0] == "openssl":
        assert words[1:] == ["x509", "-in", "{path}"], "prints certificates only"
    if words[0] == "cat":
        assert all(word.startswith(("/proc/", "/etc/os-release")) for word in words[1:])
    assert all("\n" not in word and "\0" not in word for word in words)


def _ceph_command(words: Sequence[str]) -> str:
    """The command of the table that these words are: `osd pool ls` for `ceph … osd pool ls detail`."""
    own = words[words.index("json") + 1 :]
    return next((name for name in COMMANDS if list(own[: len(name.split())]) == name.split()), " ".join(own))


def test_every_command_of_ceph_has_its_entry() -> None:
    for name, found in COMMANDS.items():
        entry = entries()[entry_of(name)]
        words = entry.command
        if found.takes:  # its own words, and a number
            assert list(words[words.index("json") + 1 :]) == [*found.prefix.split(), "{number}"]
            assert entry.arguments["number"] == "[0-9]+"
            assert entry_of(f"{name} 3") == f"{entry_of(name)} number=3"
            continue
        assert _ceph_command(words) == name
        more = [each for value in found.arguments.values() for each in ([value] if isinstance(value, str) else value)]
        assert list(words[words.index("json") + 1 + len(name.split()) :]) == more


@pytest.mark.parametrize("name", entries())
def test_every_entry_has_a_parser_and_a_limit(name: str) -> None:
    entry = entries()[name]
    assert callable(line_parser(entry.parser, 0.0).feed if entry.gives == "lines" else parser(entry.parser))
    most = 256 if entry.gives == "lines" else 64 if entry.command[0] in WHOLE_CLOUD else 4
    assert 0 < entry.limit <= most * 1024 * 1024
    assert all(re.compile(grammar) for grammar in entry.arguments.values())
    if entry.gives == "details":
        assert entries()[entry.of].gives == "rows"
        assert entry.by


KNOWN = {"journal": Entry(command=("journalctl", "-u", "{unit}", "-n", "{lines}"), parser="text.line", limit=10,
                          arguments={"unit": "[A-Za-z0-9_.@-]+", "lines": "[0-9]{1,4}"}),
         "plain": Entry(command=("docker", "ps", "--format", "{{json .}}"), parser="text.line", limit=10)}  # fmt: skip


def test_an_argument_may_be_a_part_of_a_word() -> None:
    found = command("haproxy-stat socket=/run/haproxy/admin.sock")
    assert found.words == ("socat", "-t3", "-", "UNIX-CONNECT:/run/haproxy/admin.sock")
    with pytest.raises(UsageError, match="is no socket"):
        command("haproxy-stat socket=/run/a,fork")


def test_arguments_become_words() -> None:
    assert command("journal unit=ssh lines=50", KNOWN).words == ("journalctl", "-u", "ssh", "-n", "50")
    assert command("plain", KNOWN).words == ("docker", "ps", "--format", "{{json .}}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("frob", "no command of commands.yaml is called 'frob'"),
        ("journal", "takes the arguments unit, lines, not none"),
        ("journal unit=ssh lines=5 more=1", "takes the arguments unit, lines"),
        ("plain unit=ssh", "takes the arguments none, not unit"),
        ("journal unit=$(reboot) lines=5", r"'\$\(reboot\)' is no unit"),
        ("journal 'unit=a;b' lines=5", "'a;b' is no unit"),
        ("journal 'unit=a b' lines=5", "'a b' is no unit"),
        ('journal "unit=a\nb" lines=5', r"is no unit"),
        ("journal unit=--vacuum lines=5", "must not begin with a dash"),
        (f"journal unit={'a' * 201} lines=5", "is no unit"),
        ("journal unit=ssh lines=99999", "'99999' is no lines"),
    ],
)
def test_what_the_grammar_does_not_allow_is_refused(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        command(text, KNOWN)


def test_several_values_become_several_words() -> None:
    words = command("follow-journal since=@5 lines=10 units=nova-api.service,ceph-1@osd.0.service").words
    assert words[-2:] == ("--unit=nova-api.service", "--unit=ceph-1@osd.0.service")
    for bad in ("nova;reboot", "a,b c", "a,,b", "$(x)"):
        with pytest.raises(UsageError, match=r"is no units|takes the arguments"):
            command(f"follow-journal since=@5 lines=10 'units={bad}'")
    for bad in ("/etc/shadow", "/var/log/../../etc/shadow", "/var/log/a.log,/etc/passwd"):
        with pytest.raises(UsageError, match="is no files"):
            command(f"log-tail lines=10 files={bad}")
