"""Who may do it: protection level, the roles of the token, the site's role map, the accounts that write."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from runbooks.cloud import Cloud, Identity
from runbooks.operation import Operation, Verdict, is_closed, is_open, is_unknown
from runbooks.plan import GuardSeen


def permitted(operation: Operation, cloud: Cloud, read_only: str) -> Iterator[GuardSeen]:
    """The guards of every plan that are about us and not about its targets."""
    now = cloud.clock()
    if not operation.only_reads and (read_only or cloud.site.protection == "read-only"):
        yield GuardSeen("read-only", "closed", read_only or "the site is protected: protection = read-only", at=now)
    verdict = _role(operation, cloud.identity(), cloud)
    yield GuardSeen("role", verdict.state, verdict.words, at=now)
    account = _account(operation, cloud)
    yield GuardSeen("account", account.state, account.words, at=now)


def _role(operation: Operation, who: Identity, cloud: Cloud) -> Verdict:
    """The role map of the site, where it has one, else the operation's own roles."""
    chart = cloud.site.role_map
    if who.error:
        if operation.account == "openstack":
            return is_unknown(f"who we are is not known: {who.error}")
        # Keystone needs the database and the cache: who mends those must not need Keystone.
        return is_open("Keystone does not say who we are; it is not needed for this: the host or the account decides")
    if chart:
        allowing = [role for role in who.roles if any(fnmatchcase(operation.name, p) for p in chart.get(role, ()))]
        if allowing:
            return is_open(f"{allowing[0]} may, by the site's role map")
        might = [role for role, patterns in chart.items() if any(fnmatchcase(operation.name, p) for p in patterns)]
        return is_closed(f"{_roles(who)}; the site's role map lets {_either(might)} do this")
    having = [role for role in operation.roles if role in who.roles]
    if having:
        return is_open(f"{who.user or 'this token'} has the role {having[0]}")
    return is_closed(f"{_roles(who)}; it takes {_either(operation.roles)}")


def _roles(who: Identity) -> str:
    return f"{who.user or 'this token'} has the roles {', '.join(who.roles) or 'none'}"


def _either(names: object) -> str:
    told = [str(name) for name in names]  # type: ignore[attr-defined]
    return " or ".join(told) if told else "nobody"


def _account(operation: Operation, cloud: Cloud) -> Verdict:
    """As whom it writes; the account is opened only when it starts."""
    site = cloud.site
    if operation.only_reads and operation.account != "openstack":
        return is_open(f"the account that watches {operation.system}")
    match operation.account:
        case "openstack":
            name = site.admin_cloud or site.cloud
            return is_open(f"cloud entry {name}" + (", for operations only" if site.admin_cloud else ""))
        case "galera":
            if site.galera is None or site.galera.admin is None:
                return is_closed("no admin account: add admin_user and admin_password to [site.NAME.galera]")
            return is_open(f"database account {site.galera.admin.user}, opened for one statement at a time")
        case "rabbitmq":
            if site.rabbitmq is None or site.rabbitmq.admin is None:
                return is_closed("no admin account: add admin_user and admin_password to [site.NAME.rabbitmq]")
            return is_open(f"broker account {site.rabbitmq.admin.user}")
        case "ceph":
            if site.ceph is None:
                return is_closed("the site says nothing about ceph")
            return is_open(f"client.{site.ceph.admin} on the monitors' hosts, by SSH and sudo")
        case "ssh":
            return is_open("by SSH and sudo -n on the host")
