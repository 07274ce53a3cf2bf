"""Heat: stacks of resources, made from templates. Users that a template makes are in a domain of their own."""

from __future__ import annotations

from runbooks.lab.api import admin
from runbooks.lab.lab import Lab
from runbooks.lab.services.databases import databases, manage
from runbooks.lab.services.options import Options, auth_url, credentials, database, ini, pool, service
from runbooks.lab.services.units import Api, install_api, install_daemon, start_api

PACKAGES: tuple[str, ...] = ()

CONFIG = "/etc/heat/heat.conf"
API = Api("heat-api", "OpenStack Heat API", 8004, "heat.wsgi.api", "heat", arguments=f"--config-file {CONFIG}")
ENGINE = "heat-engine"

DOMAIN = "heat"
DOMAIN_ADMIN = "heat_domain_admin"
ROLE = "heat_stack_user"
"""The role of the users that templates make: Heat's default of `heat_stack_user_role`."""


def configuration(lab: Lab) -> str:
    """heat.conf."""
    own: Options = {
        "DEFAULT": {
            "num_engine_workers": 1,
            "environment_dir": f"{lab.venv}/etc/heat/environment.d",
            "template_dir": f"{lab.venv}/etc/heat/templates",
            "auth_encryption_key": lab.secrets["heat_encryption"][:32],  # Heat wants 32 characters
            # The engine goes on with a stack when the token of its caller has ended.
            "deferred_auth_method": "trusts",
            "stack_user_domain_name": DOMAIN,
            "stack_domain_admin": DOMAIN_ADMIN,
            "stack_domain_admin_password": lab.secrets[f"keystone_{DOMAIN_ADMIN}"],
        },
        "paste_deploy": {"api_paste_config": f"{lab.venv}/etc/heat/api-paste.ini"},
        "database": {"connection": database(lab, "heat"), **pool()},
        "trustee": _trustee(lab),
        "clients_keystone": {"auth_uri": auth_url(lab)},
    }
    return ini(own, service(lab, "heat"))


def _trustee(lab: Lab) -> dict[str, str | int | float | bool]:
    """Who acts for the callers: an account without a project, because a trust has one of its own."""
    return {name: value for name, value in credentials(lab, "heat").items() if not name.startswith("project_")}


def install(lab: Lab) -> None:
    """Configuration and units."""
    machine = lab.further
    machine.write(CONFIG, configuration(lab), mode=0o640)
    machine.write("/var/lib/heat/tmp/.keep", "")
    install_api(lab, machine, API)
    install_daemon(lab, machine, ENGINE, "OpenStack Heat engine", CONFIG)


def start(lab: Lab) -> None:
    """Domain and tables, then the services."""
    lab.once("heat-domain", lambda: _domain(lab))
    lab.once("heat-tables", lambda: _tables(lab))
    lab.further.start(ENGINE)
    start_api(lab.further, API)


def _tables(lab: Lab) -> None:
    databases(lab, "heat")
    manage(lab, lab.further, "heat-manage", "--config-file", CONFIG, "db_sync")


def _domain(lab: Lab) -> None:
    """The domain, its administrator and the role; what an interrupted beginning made is taken up."""
    cloud = admin(lab)

    def made(collection: str, single: str, name: str, **more: str) -> str:
        found = cloud.call("identity", "GET", f"/{collection}?name={name}")[collection]
        if not found:
            found = [cloud.call("identity", "POST", f"/{collection}", {single: {"name": name, **more}})[single]]
        return str(found[0]["id"])

    made("roles", "role", ROLE)
    domain = made("domains", "domain", DOMAIN)
    password = lab.secrets[f"keystone_{DOMAIN_ADMIN}"]
    user = made("users", "user", DOMAIN_ADMIN, domain_id=domain, password=password)
    role = made("roles", "role", "admin")
    cloud.call("identity", "PUT", f"/domains/{domain}/users/{user}/roles/{role}")
