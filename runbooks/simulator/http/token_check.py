"""keystonemiddleware in front of every service but Keystone: asks Keystone about a token, and believes it for a while.

So when Keystone or its database is gone, a service goes on serving whom it already knows (`token_cache_time`, 300 s)
and tells everybody else that Keystone is unavailable.
"""

from __future__ import annotations

from runbooks.simulator.http.call import Call, Reply
from runbooks.simulator.model.cloud import Cloud

CACHE_SECONDS = 300.0
"""`[keystone_authtoken] token_cache_time`."""
MOST = 10_000
"""Tokens that are remembered before the old ones are thrown out."""


def refused(call: Call) -> Reply | None:
    """The middleware's answer to a request whose token it cannot vouch for; else None, and `call.token` is there."""
    identity, now = call.cloud.identity, call.cloud.now()
    given = call.headers.get("X-Auth-Token", "")
    seat = (call.cloud.layout.region, call.api.name, given)
    believed = identity.believed.get(seat, float("-inf")) + CACHE_SECONDS > now
    if not given:
        return call.api.unauthorized(call)
    if not believed and not keystone_answers(identity.cloud):
        return call.api.unvalidated(call)
    call.token = identity.token(given, now)
    if call.token is None:
        return call.api.unauthorized(call)
    if not believed:
        if len(identity.believed) >= MOST:
            identity.believed = {
                seat: since for seat, since in identity.believed.items() if since + CACHE_SECONDS > now
            }
        identity.believed[seat] = now
    return None


def keystone_answers(cloud: Cloud) -> bool:
    """True while Keystone's internal endpoint can say whether a token is good."""
    faults = cloud.api_faults
    whole = faults.get(("keystone", "internal")) or faults.get(("keystone", "*"))
    return not whole and cloud.galera.primary() and bool(cloud.hosts.alive("control", "keystone"))
