"""Keystone's data: domains, projects, users, groups, roles, who has which, and the tokens that are valid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runbooks.simulator.model.catalog import Catalog, build_catalog
from runbooks.simulator.model.token import Login, Scope, Token, new_id
from runbooks.simulator.model.trust import Federation, Trust, build_federation

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

__all__ = ["Identity", "Login", "Scope", "Token", "build_identity"]

IMPLIED = {"admin": "manager", "manager": "member", "member": "reader"}
"""Keystone's implied roles."""
TOKEN_LIFE = 86400.0
"""Seconds; Kolla's default."""


@dataclass(slots=True)
class Domain:
    """A domain."""

    id: str
    name: str
    description: str = ""
    enabled: bool = True
    config: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Group → option → value of its own configuration, without what Keystone keeps to itself (the bind password)."""


@dataclass(slots=True)
class Project:
    """A project."""

    id: str
    name: str
    domain_id: str = "default"
    description: str = ""
    enabled: bool = True
    parent_id: str = "default"


@dataclass(slots=True, repr=False)
class User:
    """A user with the password that it logs in with."""

    id: str
    name: str
    password: str
    domain_id: str = "default"
    enabled: bool = True
    default_project_id: str | None = None
    email: str | None = None
    description: str | None = None


@dataclass(slots=True)
class Group:
    """A group of users."""

    id: str
    name: str
    description: str = ""
    domain_id: str = "default"
    users: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Role:
    """A role."""

    id: str
    name: str
    immutable: bool = True


@dataclass(frozen=True, slots=True)
class Assignment:
    """A user or group has a role on a project, a domain or the system."""

    role_id: str
    user_id: str = ""
    group_id: str = ""
    project_id: str = ""
    domain_id: str = ""

    @property
    def system(self) -> bool:
        return not self.project_id and not self.domain_id


@dataclass(slots=True, repr=False)
class ApplicationCredential:
    """A secret of its own with which a user's programs log in to one project."""

    id: str
    name: str
    secret: str
    user_id: str
    project_id: str
    role_ids: list[str]
    description: str | None = None
    unrestricted: bool = False


@dataclass(slots=True)
class Identity:
    """Keystone of all regions."""

    cloud: Cloud
    address: str
    """Where the public endpoint is."""
    catalog: Catalog
    domains: dict[str, Domain] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    assignments: list[Assignment] = field(default_factory=list)
    credentials: dict[str, ApplicationCredential] = field(default_factory=dict)
    trusts: dict[str, Trust] = field(default_factory=dict)
    federation: Federation = field(default_factory=Federation)
    tokens: dict[str, Token] = field(default_factory=dict)
    believed: dict[tuple[str, str, str], float] = field(default_factory=dict)
    """(region, service, token) → since when that service believes the token without asking again."""

    # Tokens

    def token(self, token_id: str, now: float) -> Token | None:
        """The token with this id; None when there is none, or it or its user or project is no longer valid."""
        found = self.tokens.get(token_id)
        if found is None or now >= found.expires:
            return None
        user = self.users.get(found.user_id)
        if user is None or not user.enabled:
            return None
        if found.project_id is not None:
            project = self.projects.get(found.project_id)
            if project is None or not project.enabled:
                return None
        return found

    def issue(self, login: Login, now: float) -> Token | None:
        """A token for who has proved to be `login.user_id`; None when the user has no role on what is asked for."""
        role_ids = self._granted(login)
        if login.scope != "unscoped" and not role_ids:
            return None
        token = Token(
            id=new_id("gAAAAABp", 132),
            user_id=login.user_id,
            roles=frozenset(name for role_id in role_ids for name in self.with_implied(self.roles[role_id].name)),
            scope=login.scope,
            project_id=login.project_id,
            domain_id=login.domain_id,
            methods=login.methods,
            issued=now,
            expires=min(now + TOKEN_LIFE, login.until or now + TOKEN_LIFE),
            audit_ids=(new_id("", 16), *login.parents[-1:]),
            credential_id=login.credential_id,
        )
        if len(self.tokens) > 10000:  # long runs: forget what has expired
            self.tokens = {key: one for key, one in self.tokens.items() if one.expires > now}
        self.tokens[token.id] = token
        return token

    def _granted(self, login: Login) -> set[str]:
        if login.credential_id:
            return set(self.credentials[login.credential_id].role_ids)
        groups = {group.id for group in self.groups.values() if login.user_id in group.users}
        return {
            one.role_id
            for one in self.assignments
            if (one.user_id == login.user_id or one.group_id in groups)
            and (
                (login.scope == "project" and one.project_id == login.project_id)
                or (login.scope == "domain" and one.domain_id == login.domain_id)
                or (login.scope == "system" and one.system)
            )
        }

    # Names

    def with_implied(self, role: str) -> Iterator[str]:
        """The role and those that it implies, by name."""
        found: str | None = role
        while found:
            yield found
            found = IMPLIED.get(found)

    def role_named(self, name: str) -> Role:
        """Raises KeyError when there is none."""
        for role in self.roles.values():
            if role.name == name:
                return role
        raise KeyError(name)

    def user_named(self, name: str, domain_id: str = "default") -> User | None:
        return next((one for one in self.users.values() if one.name == name and one.domain_id == domain_id), None)

    def project_named(self, name: str, domain_id: str = "default") -> Project | None:
        return next((one for one in self.projects.values() if one.name == name and one.domain_id == domain_id), None)

    def user_name(self, user_id: str) -> str:
        """The user's name, or the id when it is gone."""
        user = self.users.get(user_id)
        return user.name if user else user_id


DIRECTORY: dict[str, dict[str, Any]] = {
    "identity": {"driver": "ldap"},
    "ldap": {
        "group_tree_dn": "ou=groups,dc=example,dc=org",
        "suffix": "dc=example,dc=org",
        "url": "ldaps://ldap.example.org",
        "user": "cn=keystone,ou=services,dc=example,dc=org",
        "user_tree_dn": "ou=people,dc=example,dc=org",
    },
}
"""What Keystone tells of a domain whose users are in a directory."""
SERVICE_USERS = ("nova", "neutron", "glance", "cinder", "placement")
FURTHER_USERS = ("octavia", "designate", "manila", "barbican")
"""Where the cloud has these services."""


def build_identity(cloud: Cloud) -> Identity:
    """One domain, the projects admin and service, one project per tenant, users with roles on them."""
    seed, secrets = cloud.seed, cloud.secrets
    identity = Identity(cloud, cloud.layout.vip, build_catalog(seed, cloud.layout))
    identity.domains["default"] = Domain("default", "Default", "The default domain")
    corp = Domain(seed.hex("domain", "corp"), "corp", "Who is in the company's directory", config=DIRECTORY)
    identity.domains[corp.id] = corp
    for name in ("alice", "bob"):
        key = seed.hex("ldap user", name) + seed.hex("ldap user", name, "rest")
        identity.users[key] = User(key, name, new_id("", 32), corp.id, email=f"{name}@example.org")
    for name in ("admin", "manager", "member", "reader", "service"):
        role = Role(seed.hex("role", name), name)
        identity.roles[role.id] = role

    def project(project_id: str, name: str, description: str = "") -> str:
        identity.projects[project_id] = Project(project_id, name, description=description)
        return project_id

    def user(user_id: str, name: str, password: str, home: str | None, *roles: str) -> str:
        identity.users[user_id] = User(user_id, name, password, default_project_id=home)
        for role in roles:
            identity.assignments.append(
                Assignment(identity.role_named(role).id, user_id=user_id, project_id=home or admins)
            )
        return user_id

    admins = project(seed.hex("project", "admin"), "admin", "Bootstrap project for initializing the cloud.")
    services = project(seed.hex("project", "service"), "service")
    admin = user(seed.hex("user", "admin"), "admin", secrets.admin, None, "admin")
    identity.assignments.append(Assignment(identity.role_named("admin").id, user_id=admin))
    for name in (*SERVICE_USERS, *(FURTHER_USERS if cloud.layout.further else ())):
        user(seed.hex("user", name), name, secrets.services, services, "admin", "service")
    for number in range(len(cloud.tenants)):
        tenant = cloud.tenants[number]
        home = project(tenant.project_id, tenant.name, f"Servers of {tenant.name}")
        user(tenant.user_id, f"{tenant.name}-owner", secrets.tenants, home, "member")
    reader = user(seed.hex("user", "reader"), "reader", secrets.reader, cloud.tenants[0].project_id, "reader")
    identity.assignments.append(Assignment(identity.role_named("reader").id, user_id=reader))
    group = Group(seed.hex("group", "operators"), "operators", "Who is on call", users=[reader])
    identity.groups[group.id] = group
    credential = ApplicationCredential(
        id=seed.hex("application credential", "console"),
        name="console",
        secret=secrets.application_credential,
        user_id=admin,
        project_id=admins,
        role_ids=[identity.role_named("admin").id],
        description="Of the operator's console",
    )
    identity.credentials[credential.id] = credential
    tenant = cloud.tenants[0]
    trust = Trust(
        seed.hex("trust", "backups"), tenant.user_id, admin, tenant.project_id, [identity.role_named("member").id]
    )
    identity.trusts[trust.id] = trust
    identity.federation = build_federation(group.id)
    identity.assignments.append(
        Assignment(identity.role_named("reader").id, group_id=group.id, project_id=tenant.project_id)
    )
    identity.projects = dict(sorted(identity.projects.items()))
    identity.users = dict(sorted(identity.users.items()))
    identity.roles = dict(sorted(identity.roles.items()))
    return identity
