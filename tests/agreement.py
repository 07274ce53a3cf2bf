"""What our kinds and the system's own clients must agree on: object by object, state by state, never just counts.

Each line names a kind, the client's command, and which of its columns says the same as which of ours. Used against the
simulator in every run, and against real services where there are any.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Line:
    """One comparison."""

    kind: str
    command: str
    same: Mapping[str, str]
    """The client's column → ours."""
    key: str = "ID"
    below: str = ""
    """Our filter that names the parent, for a kind that is read below one."""


OPENSTACK = [
    Line("services", "service list --long", {"ID": "id", "Name": "name", "Type": "type", "Enabled": "enabled"}),
    Line("endpoints", "endpoint list", {"ID": "id", "Region": "region_id", "Interface": "interface", "URL": "url",
                                        "Enabled": "enabled", "Service Type": "type", "Service Name": "service"}),
    Line("projects", "project list --long", {"ID": "id", "Name": "name", "Enabled": "enabled",
                                             "Domain ID": "domain_id"}),
    Line("users", "user list --long", {"ID": "id", "Name": "name", "Enabled": "enabled"}),
    Line("roles", "role list", {"ID": "id", "Name": "name"}),
    Line("regions", "region list", {"Region": "id", "Parent Region": "parent_region_id"}, "Region"),
    Line("compute-services", "compute service list", {"ID": "id", "Binary": "binary", "Host": "host", "Zone": "zone",
                                                      "Status": "status", "State": "state"}),
    Line("hypervisors", "--os-compute-api-version 2.87 hypervisor list --long",
         {"ID": "id", "Hypervisor Hostname": "name", "Hypervisor Type": "hypervisor_type", "Host IP": "host_ip",
          "State": "state", "vCPUs Used": "vcpus_used", "vCPUs": "vcpus"}),
    Line("servers", "server list --all-projects --long --no-name-lookup",
         {"ID": "id", "Name": "name", "Status": "status", "Host": "host", "Task State": "task_state",
          "Availability Zone": "zone"}),
    Line("flavors", "flavor list --all", {"ID": "id", "Name": "name", "VCPUs": "vcpus", "Is Public": "is_public"}),
    Line("aggregates", "aggregate list", {"ID": "id", "Name": "name", "Availability Zone": "availability_zone"}),
    Line("migrations", "--os-compute-api-version 2.59 server migration list",
         {"Id": "id", "Status": "status", "Source Compute": "source_compute", "Dest Compute": "dest_compute",
          "Type": "migration_type"}, "Id"),
    Line("agents", "network agent list", {"ID": "id", "Agent Type": "agent_type", "Host": "host", "Alive": "alive",
                                          "State": "admin_state_up", "Binary": "binary"}),
    Line("networks", "network list --long", {"ID": "id", "Name": "name", "Status": "status", "Project": "project_id",
                                             "Shared": "shared", "Network Type": "network_type"}),
    Line("subnets", "subnet list --long", {"ID": "id", "Name": "name", "Subnet": "cidr", "Network": "network_id",
                                           "Gateway": "gateway_ip", "DHCP": "enable_dhcp"}),
    Line("ports", "port list --long", {"ID": "id", "Name": "name", "MAC Address": "mac_address", "Status": "status",
                                       "Device Owner": "device_owner"}),
    Line("routers", "router list", {"ID": "id", "Name": "name", "Status": "status", "State": "admin_state_up",
                                    "Project": "project_id", "HA": "ha", "Distributed": "distributed"}),
    Line("floating-ips", "floating ip list --long", {"ID": "id", "Floating IP Address": "floating_ip_address",
                                                     "Fixed IP Address": "fixed_ip_address", "Port": "port_id",
                                                     "Status": "status", "Router": "router_id"}),
    Line("security-groups", "security group list", {"ID": "id", "Name": "name", "Project": "project_id"}),
    Line("volume-services", "volume service list", {"Binary": "binary", "Host": "host", "Zone": "zone",
                                                    "Status": "status", "State": "state"}, "Host"),
    Line("volumes", "volume list --all-projects", {"ID": "id", "Name": "name", "Status": "status"}),
    Line("volume-pools", "volume backend pool list", {"Name": "name"}, "Name"),
    Line("snapshots", "volume snapshot list --all-projects", {"ID": "id", "Name": "name", "Status": "status"}),
    Line("backups", "volume backup list --all-projects", {"ID": "id", "Name": "name", "Status": "status",
                                                          "Incremental": "incremental"}),
    Line("attachments", "--os-volume-api-version 3.27 volume attachment list --all-projects",
         {"ID": "id", "Volume ID": "volume_id", "Server ID": "server", "Status": "status"}),
    Line("server-groups", "--os-compute-api-version 2.64 server group list --all-projects --long",
         {"ID": "id", "Name": "name", "Policy": "policy", "Project Id": "project_id", "User Id": "user_id"}),
    Line("usages", "usage list", {"Project": "id"}, "Project"),
    Line("domains", "domain list", {"ID": "id", "Name": "name", "Enabled": "enabled", "Description": "description"}),
    Line("groups", "group list --long", {"ID": "id", "Name": "name", "Domain ID": "domain_id",
                                         "Description": "description"}),
    Line("role-assignments", "role assignment list",
         {"Role": "role_id", "User": "user_id", "Group": "group_id", "Project": "project_id", "Domain": "domain_id",
          "Inherited": "inherited"}, "Role"),
    Line("trusts", "trust list", {"ID": "id", "Impersonation": "impersonation", "Project ID": "project_id",
                                  "Trustee User ID": "trustee_id", "Trustor User ID": "trustor_id"}),
    Line("identity-providers", "identity provider list", {"ID": "id", "Enabled": "enabled",
                                                          "Description": "description"}),
    Line("mappings", "mapping list", {"ID": "id"}),
    Line("images", "image list --long", {"ID": "id", "Name": "name", "Status": "status", "Visibility": "visibility",
                                         "Protected": "protected", "Disk Format": "disk_format"}),
    Line("resource-providers", "resource provider list", {"uuid": "id", "name": "name",
                                                              "generation": "generation"}, "uuid"),
]  # fmt: skip


def below(person: str) -> list[Line]:
    """The kinds that are read below a user."""
    return [
        Line("application-credentials", f"application credential list --user {person}",
             {"ID": "id", "Name": "name", "Project ID": "project_id", "Unrestricted": "unrestricted"},
             below=f"user={person}"),
        Line("keypairs", f"keypair list --user {person}",
             {"Name": "name", "Fingerprint": "fingerprint", "Type": "type"}, "Name", f"user={person}"),
    ]  # fmt: skip


def _plain(value: Any) -> Any:
    """Clients write gaps and numbers in their own ways; the value behind is what must agree."""
    if value in (None, "", "None"):
        return None
    return value if isinstance(value, bool) else str(value)


def theirs(line: Line, environ: Mapping[str, str]) -> set[tuple[tuple[str, Any], ...]]:
    """The client's answer, reduced to the columns that are compared, under our names."""
    command = [str(BIN / "openstack"), *line.command.split(), "-f", "json"]
    done = subprocess.run(command, env=dict(environ), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {
        tuple(sorted((ours, _plain(row[column])) for column, ours in line.same.items()))
        for row in json.loads(done.stdout)
    }


def mine(line: Line, environ: Mapping[str, str]) -> set[tuple[tuple[str, Any], ...]]:
    """Ours, from the real command."""
    command = [str(BIN / "nephoscope"), "get", line.kind, *([line.below] if line.below else []), "-o", "json"]
    done = subprocess.run(command, env=dict(environ), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {tuple(sorted((ours, _plain(row[ours])) for ours in line.same.values())) for row in json.loads(done.stdout)}


RENAMED = {"floating_ips": "floatingip", "security_groups": "security_group", "networks": "network", "ports": "port",
           "routers": "router", "subnets": "subnet", "security_group_rules": "security_group_rule"}  # fmt: skip
"""The client's words for some of what Neutron counts."""

Quotas = dict[str, tuple[int, int, int]]
"""Resource → limit, used, reserved."""


def quotas(option: str, project: str, environ: Mapping[str, str]) -> tuple[Quotas, Quotas]:
    """The quotas of a project in one service as we and the client say them, where both have a word for the thing."""
    command = [str(BIN / "nephoscope"), "get", f"{option}-quotas", f"project={project}", "-o", "json"]
    done = subprocess.run(command, env=dict(environ), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    ours = {row["name"]: (row["limit"], row["used"], row["reserved"]) for row in json.loads(done.stdout)}
    command = [str(BIN / "openstack"), "quota", "show", f"--{option}", "--usage", project, "-f", "json"]
    done = subprocess.run(command, env=dict(environ), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = {
        RENAMED.get(row["Resource"], row["Resource"]): (row["Limit"], row["In Use"], row["Reserved"])
        for row in json.loads(done.stdout)
    }
    both = ours.keys() & said.keys()
    return {name: ours[name] for name in both}, {name: said[name] for name in both}
