"""docs/systems/: a page for each system, current; every part of a cloud has kinds, another way, or a reason why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.registry import entries, kind, kinds
from console.generate import ROOT, SYSTEMS, targets
from console.handbook import page, reading

TARGETS = targets()
COVERAGE = reading.coverage()
PARTS = (
    "Keystone", "Keystone federation", "LDAP / Active Directory", "Horizon", "OpenStack CLI, per-service clients, SDK",
    "Nova API", "Nova scheduler", "Nova conductor", "Nova compute", "Nova console proxies", "Flavors",
    "Host aggregates, availability zones", "Cells v2 databases", "Placement", "KVM, libvirt, QEMU", "Neutron server",
    "Neutron ML2 type drivers", "Neutron ML2 mechanism drivers", "OVS agent", "Linux bridge agent", "L3 agent",
    "L3 DVR", "DHCP agent, dnsmasq", "Metadata agent, proxy", "Security groups",
    "Routers, SNAT, DNAT, floating addresses", "VPN, firewall services", "Open vSwitch", "OVN",
    "Linux networking primitives", "Glance", "Cinder API", "Cinder scheduler", "Cinder volume", "Swift", "Heat",
    "Ceilometer", "Gnocchi", "Aodh", "Panko", "Magnum", "Octavia", "Barbican", "Manila", "Ironic", "Sahara", "Trove",
    "Designate", "Zaqar", "Mistral", "Masakari", "Blazar", "CloudKitty", "Cyborg", "Projects that are niche or retired",
    "Watcher, Skyline", "MariaDB Galera", "RabbitMQ", "ActiveMQ, Qpid", "Memcached", "HAProxy", "Keepalived",
    "Hardware load balancer", "Pacemaker, Corosync", "NFS or clustered file system", "Ceph", "Ceph client, librbd",
    "Kolla, kolla-ansible", "Docker containers", "TripleO",
    "OpenStack-Ansible, Helm, Charms, Puppet, Chef, Loci, packages", "Ansible, Puppet", "Terraform", "GitLab CI",
    "ArgoCD, Helm, kubectl", "Rally", "Tempest", "Shaker", "Prometheus", "node_exporter", "Ceph's exporter",
    "RabbitMQ's exporter", "OVN's exporter", "OpenStack's exporter", "Grafana", "Alertmanager", "Nagios", "Fluent Bit",
    "Loki", "Vault", "Certbot, Let's Encrypt", "TLS, mTLS", "Host firewall", "chrony, NTP", "Host preparation", "SSH",
    "Physical network", "Regions", "Several clouds", "AWS equivalents", "Oslo libraries",
)  # fmt: skip
"""What such clouds are made of, as operators' courses and guides name it: none may be passed over in silence."""


@pytest.mark.parametrize("path", list(TARGETS), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_generated_is_current(path: Path) -> None:
    assert path.read_text() == TARGETS[path], "run `python -m console.generate`"


def test_no_page_is_left_of_a_system_that_is_gone() -> None:
    assert set((ROOT / "docs" / "systems").glob("*.md")) <= set(TARGETS)


def test_every_part_of_a_cloud_is_answered_for() -> None:
    assert sorted(COVERAGE) == sorted(PARTS)


@pytest.mark.parametrize("name", PARTS)
def test_a_part_has_kinds_another_way_or_a_reason(name: str) -> None:
    found = COVERAGE[name]
    assert found.kinds or found.by or found.why
    assert set(found.kinds) <= set(entries())
    assert len(set(found.kinds)) == len(found.kinds)
    assert not found.why or found.why.endswith(".")


def test_every_system_is_told_of_and_nothing_else_is() -> None:
    assert set(reading.systems()) == {each.system for each in kinds()}
    assert set(reading.systems()) <= set(SYSTEMS)


@pytest.mark.parametrize("name", [entry.name for entry in entries().values()])
def test_every_kind_is_on_the_page_of_its_system(name: str) -> None:
    found = kind(name)
    text = TARGETS[ROOT / "docs" / "systems" / f"{found.system}.md"]
    assert f"[{name}](../kinds.md#{name})" in text
    assert f"| {name} | " in text, "and what it asks"


def test_every_fault_is_on_some_page() -> None:
    text = "".join(text for path, text in TARGETS.items() if path.parent.name == "systems")
    shown = {name for name, fault in reading.faults().items() if set(fault.effects) & set(entries())}
    assert {name for name in shown if f"| `{name}` |" not in text} == set()
    assert len(shown) > 40


def test_pages_of_optional_services_say_that_clouds_do_without() -> None:
    text = page.text("dns", [kind("zones"), kind("dns-services")])
    assert "Many clouds do without it" in text
    assert "dns-zone-error" in text
    assert "Many clouds do without it" not in page.text("galera", [kind("galera-members")])


def test_tables_are_not_broken() -> None:
    for path, text in TARGETS.items():
        if path.parent.name == "systems":
            for line in text.splitlines():
                assert not line.startswith("|") or line.endswith("|")
