"""docs/configuration.md: every key of nephoscope.toml with its type and meaning, from `console/config/schema*.py`.

Types come from the structs, meanings from the text under each field, so the page cannot say what the code does not.
"""

from __future__ import annotations

import ast
import inspect as source
from collections.abc import Iterator

from msgspec import NODEFAULT, Struct, inspect

from console.config import schema, table
from console.config import schema_systems as systems
from console.config.complaints import words

TABLES: tuple[tuple[str, type[Struct]], ...] = (
    ("", schema.File),
    ("[site.CLOUD]", schema.SiteTable),
    ("[site.CLOUD.ssh]", schema.SshTable),
    ("[site.CLOUD.hosts.NAME]", schema.HostTable),
    ("[site.CLOUD.galera]", systems.GaleraTable),
    ("An entry of `members`", systems.MemberTable),
    ("[site.CLOUD.rabbitmq]", systems.RabbitmqTable),
    ("An entry of `nodes`", systems.NodeTable),
    ("[site.CLOUD.certificates]", systems.CertificatesTable),
    ("[site.CLOUD.haproxy]", systems.HaproxyTable),
    ("[site.CLOUD.keepalived]", systems.KeepalivedTable),
    ("[site.CLOUD.ovn]", systems.OvnTable),
    ("[site.CLOUD.memcached]", systems.MemcachedTable),
    ("`[site.CLOUD.prometheus]` and `[site.CLOUD.alertmanager]`", systems.WebTable),
    ("`[site.CLOUD.loki]`", systems.LokiTable),
    ("[site.CLOUD.ceph]", systems.CephTable),
    ("An entry of `mons`", systems.MonTable),
    ("[site.CLOUD.ceph.dashboard]", systems.DashboardTable),
    ("`password = {…}`", table.SecretTable),
)
"""How a table is headed in the file, and its declaration."""

HEAD = """\
# Configuration

Nephoscope reads `$NEPHOSCOPE_CONFIG`, else `$XDG_CONFIG_HOME/nephoscope/nephoscope.toml` (`~/.config/…`). Everything in
it is optional: a cloud of clouds.yaml alone gives all that its APIs give; a Kolla folder beside it gives hosts, database
and broker as well.

```toml
[site.prod]                       # the cloud's name in clouds.yaml
protection = "production"
kolla = "/etc/kolla"              # globals.yml, passwords.yml, and the inventory
inventory = "/opt/site/multinode" # where it is not in that folder
```

By hand, or to say it differently:

```toml
[site.prod]
ssh = {config = "ssh_config", user = "kolla", jump = "bastion"}
[site.prod.hosts.ctl01]
address = "10.0.0.11"
roles = ["control"]
[site.prod.hosts."cmp[01:40]"]
address = "10.0.1.[1:40]"
roles = ["compute"]
[site.prod.hosts."ceph[01:03]"]
address = "10.0.2.[1:3]"
roles = ["storage"]
[site.prod.galera]
user = "monitor"
password = {file = "galera.secret"}
members = ["ctl01", {host = "ctl02", address = "172.16.0.12", port = 3307}]
[site.prod.rabbitmq]
via = "ssh:ctl01"
user = "monitor"
password = {command = ["pass", "show", "prod/rabbitmq"]}
nodes = ["ctl01", "ctl02"]
[site.prod.haproxy]
hosts = ["ctl01"]                 # their statistics socket, over SSH; or urls = ["http://ctl01:1984"]
[site.prod.keepalived]            # on the same hosts
[site.prod.ovn]                   # where Neutron uses OVN
hosts = ["ctl01"]
[site.prod.memcached]
servers = ["ctl01"]
[site.prod.prometheus]
url = "http://ctl01:9090"
[site.prod.alertmanager]
url = "http://ctl01:9093"
[site.prod.loki]                  # logs of hosts that cannot be reached; with prefer = true, of all hosts
url = "http://ctl01:3100"
[site.prod.ceph]
mons = ["ceph01", "ceph02", "ceph03"]
user = "viewer"                   # ceph auth get-or-create client.viewer mon 'allow r' mgr 'allow r'
[site.prod.ceph.dashboard]
urls = ["https://ceph01:8443", "https://ceph02:8443"]
user = "viewer"
password = {file = "ceph.secret"}
ca = "ceph-dashboard.crt"
[site."prod/West"]                # where a region differs: its keys and tables replace those above, each as a whole
protection = "read-only"
```

- Paths are relative to the file; `~` is the home folder. A name with other characters than letters, digits, `_` and `-`
  goes in quotes.
- A password that is written in the file itself is used only when nobody else can read the file (mode 0600); so is a
  secret file. They are fetched when they are first needed, and never shown.
- An unknown key is a mistake, and is told with what was probably meant. Exit code 78.
- `nephoscope doctor` tells which file is in use and what is odd about it.

Environment: `NEPHOSCOPE_CONFIG` (the file), `NEPHOSCOPE_READ_ONLY` (anything but `0`, `no`, `false`, `off`: nothing is
changed), `OS_CLOUD`, `OS_REGION_NAME`, `OS_CLIENT_CONFIG_FILE` and the other `OS_*` of openstacksdk,
`ANSIBLE_VAULT_PASSWORD_FILE`. State (journal, acknowledgements, recordings) is in `$XDG_STATE_HOME/nephoscope`.

## Notifications

With `notifications = true` the console hears what Nova, Neutron, Cinder and the others notify of (`nephoscope events`,
the list `:events`), and reads again at once what an event names. That takes a queue of its own at the broker, which is a
change of the broker: it is exclusive, deleted with its connection, expires after a minute, holds 1000 messages and drops
its oldest; its name begins with `nephoscope.`, and it is bound only to exchanges that are there. Tokens and passwords
are thrown away before anything looks at a message. The account needs these rights, and no more:

    rabbitmqctl set_permissions -p / monitor '^nephoscope\\.' '^nephoscope\\.' '^(nephoscope\\..*|nova|neutron|cinder)$'

The services must notify (`[oslo_messaging_notifications] driver = messagingv2`), and something else should read their
own notification queues, or those grow.

## Approval by a second person

What may lose data wants a second person. He runs `nephoscope approve PLAN` on what `nephoscope do … --plan -o json`
printed; his SSH key signs the plan's hash, cloud, operation and the moment until which it holds (15 minutes, at most an
hour). The approval is a file in `approvals/` of `lock_dir`, so that folder must be the same for both.

```toml
[site.prod]
lock_dir = "/mnt/ops/locks"            # on a file system that all consoles share
allowed_signers = "allowed_signers"    # lines: NAME KEY, as in ssh-keygen(1); only you or root may write it
principals = {u1234 = "ana"}           # the account u1234 is ana of that file
```

An approval does not count for a plan that the same person asks for. Who asks is known by the account that the console
runs as, by who became it with sudo, and by `principals`; names are compared up to an `@`. An account that is nobody's in
the file (`root`, `kolla`) might be any of them: then two different people must have approved. The lines of the file may
restrict keys (`namespaces="nephoscope-plan"`, `valid-before=…`); one that names a pattern (`*@example.com`) approves
nothing.

## From a Kolla folder

| what | from |
|---|---|
| inventory | `inventory` of the site, else `multinode`, `inventory`, `hosts` (also `.yml`, `.ini`) or `ansible/inventory/…` in the folder; INI or YAML, with ranges, children, variables, `group_vars/` and `host_vars/`. Programs are not run. |
| hosts | every host of the inventory but the deployment host: `ansible_host`, `ansible_port`, `ansible_user` |
| roles | groups `control`, `network`, `compute`, `storage`, `monitoring`, `loadbalancer` (or `haproxy`) |
| way to them | `ansible_ssh_private_key_file` and a jump host in `ansible_ssh_common_args`, where all hosts share it |
| Galera | group `mariadb`, default shard, each at `api_interface_address`, else `ansible_host`, else its name; port `mariadb_port` |
| its account | `prometheus` where Prometheus is deployed (it may see processes and databases), else `monitor`; never root |
| RabbitMQ | group `rabbitmq`, port `rabbitmq_management_port`, https with `rabbitmq_enable_tls`; clients at `rabbitmq_port` |
| its account | `rabbitmq_monitoring_user` where it is set, else `openstack` |
| HAProxy | group `loadbalancer` (or `haproxy`): the statistics page of each at `haproxy_stats_port`, as `haproxy_user` |
| virtual addresses | `kolla_internal_vip_address`, `kolla_external_vip_address`, and Keepalived's configuration in `/etc/kolla` of those hosts |
| OVN | groups `ovn-nb-db`, `ovn-sb-db` and `ovn-northd`, where `neutron_plugin_agent` is `ovn` |
| memcached | group `memcached`, port `memcached_port` |
| Prometheus, Alertmanager | groups `prometheus` and `prometheus-alertmanager` where `enable_prometheus` is set, ports `prometheus_port` and `prometheus_alertmanager_port`; as `admin` where passwords.yml has `prometheus_password` |
| CA | `certificates/ca/root.crt` where backends use TLS |
| passwords | `passwords.yml`, which not everybody may read; encrypted ones are opened by `ansible-vault` itself |

globals.yml and globals.d/ beat the inventory, as with kolla-ansible. References like `{{ name }}` are followed; what takes
Ansible to compute is unknown. Whatever this file says beats Kolla's.
"""  # noqa: E501


def text() -> str:
    """The page."""
    return HEAD + "".join(_table(heading, kind) for heading, kind in TABLES)


def _table(heading: str, kind: type[Struct]) -> str:
    title = f"`{heading}`" if heading.startswith("[") else heading or "Top of the file"
    lines = [f"\n## {title}\n\n{_paragraph(kind.__doc__ or '')}\n\n| key | type | meaning |\n|---|---|---|\n"]
    lines += [f"| `{name}` | {kind_words} | {meaning} |\n" for name, kind_words, meaning in fields(kind)]
    return "".join(lines)


def fields(kind: type[Struct]) -> Iterator[tuple[str, str, str]]:
    """(key, type in words, meaning) of every field of a table."""
    meanings = _meanings(kind)
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    for field in info.fields:
        must = " (must be given)" if field.required and field.default is NODEFAULT else ""
        yield field.encode_name, words(field.type).replace("|", "\\|") + must, meanings[field.name]


def _meanings(kind: type[Struct]) -> dict[str, str]:
    """Field → the text under it; a table that extends another has the other's fields as well."""
    base = kind.__bases__[0]
    inherited = _meanings(base) if getattr(base, "__struct_fields__", ()) else {}
    (tree,) = ast.parse(source.getsource(kind)).body
    assert isinstance(tree, ast.ClassDef)
    found: dict[str, str] = inherited
    for field, below in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            assert isinstance(below, ast.Expr), f"{kind.__name__}.{field.target.id} has no text under it"
            assert isinstance(below.value, ast.Constant)
            found[field.target.id] = _paragraph(str(below.value.value))
    return found


def _paragraph(doc: str) -> str:
    return " ".join(doc.split())
