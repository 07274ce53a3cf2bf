"""Domains, groups, roles by names, credentials of programs, trusts, federation."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.snapshot import OddRow
from collectors.values import epoch
from tests.collectors.kinds.recordings import joined, row, rows, verdict
from tests.wire_cloud import recorded

RECORDED = epoch("2026-11-27T17:41:00Z") or 0.0


def by_id(kind: str) -> dict[str, Any]:
    return {one.id: one for one in rows(kind)}  # type: ignore[union-attr]


def test_domains() -> None:
    found = {one.name: one for one in by_id("domains").values()}
    assert sorted(found) == ["Default", "corp", "heat"]
    assert (found["corp"].enabled, found["corp"].description, found["heat"].description) == (
        True, "Federated users", None,
    )  # fmt: skip
    assert verdict(row("domains", id="d", enabled=False), "domains") == (
        "ok",
        "disabled: none of its users can log in",
    )


@pytest.mark.parametrize(
    ("fields", "told", "health"),
    [
        ({}, (None, None, None), ("ok", "")),
        (
            {
                "config": {
                    "identity": {"driver": "ldap"},
                    "ldap": {"url": "ldaps://l", "user_tree_dn": "ou=p", "user": "cn=k"},
                }
            },
            ("ldap", "ldaps://l", "ou=p"),
            ("ok", ""),
        ),
        ({"config": {"identity": {"driver": "sql"}}}, ("sql", None, None), ("ok", "")),
        ({"config": {"ldap": {"suffix": "dc=x"}}}, (None, None, "dc=x"), ("ok", "")),
        (
            {"config": {"identity": {"driver": "ldap"}}},
            ("ldap", None, None),
            ("warning", "its users are in a directory, and none is named"),
        ),
        (
            {"config_refused": "403: not allowed"},
            (None, None, None),
            ("unknown", "where its users are cannot be read: 403: not allowed"),
        ),
        (
            {"config_refused": "403: not allowed", "enabled": False},
            (None, None, None),
            ("ok", "disabled: none of its users can log in"),
        ),
    ],
)
def test_domains_in_a_directory(fields: dict[str, Any], told: tuple[str | None, ...], health: tuple[str, str]) -> None:
    found = row("domains", id="d", **fields)
    assert (found.driver, found.url, found.users_below) == told
    assert verdict(found, "domains") == health


def test_the_recorded_configuration_of_a_domain() -> None:
    found = row("domains", id="d", config=recorded("identity/domains_ID_config")["config"])
    assert (found.driver, found.url, found.users_below) == (
        "ldap", "ldaps://ldap.example.org", "ou=people,dc=example,dc=org",
    )  # fmt: skip


def test_nothing_that_is_secret_in_a_domain_becomes_a_row() -> None:
    ldap = {"url": "ldap://l", "user": "cn=keystone", "password": "hunter2"}
    found = row("domains", id="d", config={"identity": {"driver": "ldap"}, "ldap": ldap})
    assert not {"hunter2", "cn=keystone"} & {getattr(found, name) for name in found.__struct_fields__}


def test_groups_with_their_domain() -> None:
    (found,) = rows("groups", joins=joined("domains"))
    made: Any = found
    assert (made.name, made.domain, made.description) == ("operators", "Default", "Who is on call")


def test_role_assignments_by_names() -> None:
    found = list(by_id("role-assignments").values())
    assert len({one.id for one in found}) == len(found)
    told = {(one.role, one.user, one.group, one.project, one.domain, one.on_system) for one in found}
    assert ("admin", "cinder", None, "service", None, False) in told
    assert ("reader", None, "operators", "demo", None, False) in told
    assert ("admin", "admin", None, None, None, True) in told
    assert not any(one.inherited for one in found)


def test_an_inherited_assignment_is_another_one() -> None:
    scope: dict[str, Any] = {"domain": {"id": "d", "name": "corp"}}
    here = row("role-assignments", role={"id": "r"}, user={"id": "u"}, scope=scope)
    below = row(
        "role-assignments", role={"id": "r"}, user={"id": "u"}, scope=scope | {"OS-INHERIT:inherited_to": "projects"}
    )
    assert (here.inherited, below.inherited, here.id == below.id) == (False, True, False)
    assert (here.role, here.user, here.domain) == ("r", "u", "corp"), "without names the ids are told"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"user": {"id": "u"}, "scope": {}}, "no project, domain or system"),
        ({"scope": {"system": {"all": True}}}, "no user and no group"),
    ],
)
def test_an_assignment_that_says_neither_who_nor_where_is_odd(fields: dict[str, Any], reason: str) -> None:
    made = row("role-assignments", role={"id": "r"}, **fields)
    assert isinstance(made, OddRow)
    assert reason in made.reason


def test_an_application_credential() -> None:
    (made,) = by_id("application-credentials").values()
    assert (made.name, made.roles, made.unrestricted, made.access_rules) == ("backup-script", "reader", None, 0)
    assert made.user == "c944c1c2627045fca14dd4d3b45f90ba"
    assert verdict(made, "application-credentials", RECORDED) == ("ok", "")
    assert verdict(made, "application-credentials", RECORDED + 85 * 86400) == ("warning", "expires in 4 d")
    assert verdict(made, "application-credentials", RECORDED + 100 * 86400) == ("warning", "expired 10 d ago")


def test_an_unrestricted_credential_says_so() -> None:
    made = row("application-credentials", id="a", unrestricted=True, access_rules=[{"path": "/v2.1/servers"}])
    assert made.access_rules == 1
    assert verdict(made, "application-credentials") == ("ok", "unrestricted: it may make further credentials")


def test_trusts() -> None:
    found = by_id("trusts")
    assert len(found) == 3
    made = next(one for one in found.values() if one.remaining_uses == 5)
    assert (made.impersonation, made.trustor, made.project) == (True, "c944c1c2627045fca14dd4d3b45f90ba", None)
    assert {verdict(one, "trusts", RECORDED) for one in found.values()} == {("ok", "")}
    assert verdict(made, "trusts", RECORDED + 100 * 86400) == ("warning", "expired 10 d ago")
    assert verdict(row("trusts", id="t", remaining_uses=0), "trusts") == ("warning", "used up")
    assert verdict(row("trusts", id="t", deleted_at="2026-11-01T00:00:00Z"), "trusts") == ("ok", "deleted")


def test_an_identity_provider_and_its_protocol() -> None:
    (provider,) = rows("identity-providers", joins=joined("domains"))
    made: Any = provider
    assert (made.id, made.enabled, made.domain) == ("corp", True, "corp")
    assert made.remote_ids == "https://login.example.org/realms/corp"
    (protocol,) = by_id("protocols").values()
    assert (protocol.id, protocol.mapping, protocol.provider) == ("openid", "corp-mapping", "the-parent")


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("identity-providers", {"enabled": False}, ("ok", "disabled: nobody can log in through it")),
        ("identity-providers", {"enabled": True}, ("warning", "no remote id: Keystone cannot tell whose word it is")),
        ("identity-providers", {"enabled": True, "remote_ids": ["x"]}, ("ok", "")),
        ("protocols", {}, ("warning", "no mapping: nobody can log in through it")),
        ("protocols", {"mapping_id": "m"}, ("ok", "")),
        ("mappings", {}, ("warning", "no rules: nobody becomes a user by it")),
    ],
)
def test_what_a_federation_lacks(kind: str, fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row(kind, id="x", **fields), kind) == expected


def test_a_mapping_tells_what_it_looks_at_and_what_it_makes() -> None:
    (made,) = by_id("mappings").values()
    assert (made.rules, made.makes, made.looks_at) == (1, "group, user", "OIDC-email, OIDC-groups")
