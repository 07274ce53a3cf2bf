"""A Keystone with the Fernet keys of a stranger: it cannot read the tokens that others make, nor they its own.

It reads its keys from their files for each token. A token that is in the cache, which all share, is not read again.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode

from runbooks.ground.declared import FaultError
from runbooks.lab.faults.fault import Fault, Parameters, forget, host, mark, recall, remember
from runbooks.lab.lab import Lab
from runbooks.lab.services import keystone

KEYS = "/etc/keystone/fernet-keys"


def _key_names(lab: Lab, name: str) -> list[str]:
    return lab.machines[name].run("ls", KEYS).out.split()


def _replace_keys(lab: Lab, parameters: Parameters) -> None:
    machine = host(lab, parameters)
    paths = [f"{KEYS}/{name}" for name in _key_names(lab, machine.name)]
    remember(lab, mark("fernet-keys-foreign", parameters), {path: machine.read(path) for path in paths})
    for path in paths:
        machine.write(path, urlsafe_b64encode(secrets.token_bytes(32)).decode(), 0o600)


def _own_keys(lab: Lab, parameters: Parameters) -> None:
    key = mark("fernet-keys-foreign", parameters)
    for path, value in recall(lab, key).items():
        lab.machines[parameters["host"]].write(path, value, 0o600)
    forget(lab, key)


def _foreign(lab: Lab, parameters: Parameters) -> bool:
    """A token that another Keystone has made is shown to this one; with a single one, its keys are not the lab's."""
    others = [machine for machine in lab.api if machine.name != parameters["host"] and machine.running]
    machine = lab.machines[parameters["host"]]
    if not others:
        return keystone.fernet_key(lab.secrets["keystone_fernet-keys_0"]) not in _keys(lab, machine.name)
    return not set(_keys(lab, machine.name)) & set(_keys(lab, others[0].name))


def _keys(lab: Lab, name: str) -> list[str]:
    return [lab.machines[name].read(f"{KEYS}/{each}") for each in _key_names(lab, name)]


def _runs_keystone(lab: Lab, parameters: Parameters) -> None:
    machine = host(lab, parameters)
    if not machine.exists(KEYS):
        raise FaultError(f"{machine.name} runs no Keystone; these do: {', '.join(each.name for each in lab.api)}")


FAULTS = {"fernet-keys-foreign": Fault(_replace_keys, _own_keys, _foreign, _runs_keystone, 30)}
"""The faults of this file."""
