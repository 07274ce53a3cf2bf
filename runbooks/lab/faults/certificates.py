"""A certificate that has expired: the one that is served is looked at, not the file.

The certificate is made on the host under a clock that is more than two months behind, for thirty days.
"""

from __future__ import annotations

import ssl

from runbooks.ground.declared import FaultError
from runbooks.lab.faults.ceph_daemons import storage
from runbooks.lab.faults.clock import library
from runbooks.lab.faults.fault import Fault, Parameters
from runbooks.lab.lab import Lab
from runbooks.lab.services import ceph_client as ceph
from runbooks.lab.services import ceph_seed
from runbooks.lab.services.ceph_text import DASHBOARD_PORT


def _old(lab: Lab, parameters: Parameters) -> None:
    machine = ceph.asked(lab)
    ceph_seed.certificate(lab, "env", f"LD_PRELOAD={library(machine)}", "FAKETIME=-70d", days=30)
    ceph_seed.restart_dashboard(machine)


def _new(lab: Lab, parameters: Parameters) -> None:
    machine = ceph.asked(lab)
    ceph_seed.certificate(lab)
    ceph_seed.restart_dashboard(machine)


def served(lab: Lab) -> str:
    """The certificate that the dashboard serves. Raises OSError when it does not answer."""
    for node in ceph.managers(lab):
        try:
            return ssl.get_server_certificate((node.address, DASHBOARD_PORT), timeout=5)
        except OSError:
            continue
    raise ConnectionError("no dashboard answers")


def _expired(lab: Lab, parameters: Parameters) -> bool:
    """openssl of a host tells whether the served certificate has ended."""
    try:
        pem = served(lab)
    except OSError:
        return False
    done = ceph.asked(lab).run("openssl", "x509", "-noout", "-checkend", "0", input=pem, check=False)
    return not done.ok


def _valid(lab: Lab, parameters: Parameters) -> None:
    storage(lab, parameters)
    if _expired(lab, parameters):
        raise FaultError("the certificate of the dashboard has expired already")


FAULTS = {"certificate-expired": Fault(_old, _new, _expired, _valid, 90)}
"""The faults of this file."""
