"""Neutron's errors: a status, the name of the exception class, and its sentence.

Bodies are `{"NeutronError": {"type": …, "message": …, "detail": ""}}`. Types and sentences are neutron-lib's and
neutron's own (`neutron_lib.exceptions`, `neutron.extensions.*`, `neutron_lib.api.faults.FAULT_MAP`).
"""

from __future__ import annotations

from runbooks.simulator.http.call import ApiError, Call, Reply

_KINDS = {
    400: "HTTPBadRequest",
    403: "HTTPForbidden",
    404: "HTTPNotFound",
    405: "HTTPMethodNotAllowed",
    409: "HTTPConflict",
    500: "HTTPInternalServerError",
    503: "HTTPServiceUnavailable",
}
INTERNAL_ERROR = "Request Failed: internal server error while processing your request."
"""All that Neutron says about a 500."""


def answer(call: Call, fault: ApiError) -> Reply:
    """`fault` as Neutron sends it; one without a `kind` was raised by the web framework."""
    kind = fault.kind or _KINDS.get(fault.status, "HTTPInternalServerError")
    body = {"NeutronError": {"type": kind, "message": fault.message, "detail": ""}}
    return Reply(body, fault.status, fault.headers)


def malformed(message: str) -> ApiError:
    """400 as the API layer raises it: for queries and bodies that break the attribute map."""
    return ApiError(400, message, kind="HTTPBadRequest")


def bad_request(resource: str, message: str) -> ApiError:
    """400 as a plugin raises it about a resource."""
    return ApiError(400, f"Bad {resource} request: {message}.", kind="BadRequest")


def invalid_input(message: str) -> ApiError:
    """400 for a value that makes no sense."""
    return ApiError(400, f"Invalid input for operation: {message}.", kind="InvalidInput")


def conflict(kind: str, message: str) -> ApiError:
    """409: in use, exists, over quota."""
    return ApiError(409, message, kind=kind)


def no_route() -> ApiError:
    """404 for a path that Neutron does not know, or that the caller may not see."""
    return ApiError(404, "The resource could not be found.", kind="HTTPNotFound")


def forbidden(rule: str) -> ApiError:
    """403 by policy."""
    return ApiError(403, f"rule:{rule} is disallowed by policy", kind="PolicyNotAuthorized")


_NOT_FOUND = {
    "network": ("NetworkNotFound", "Network {} could not be found."),
    "subnet": ("SubnetNotFound", "Subnet {} could not be found."),
    "subnetpool": ("SubnetPoolNotFound", "Subnet pool {} could not be found."),
    "port": ("PortNotFound", "Port {} could not be found."),
    "router": ("RouterNotFound", "Router {} could not be found"),
    "floatingip": ("FloatingIPNotFound", "Floating IP {} could not be found"),
    "security_group": ("SecurityGroupNotFound", "Security group {} does not exist"),
    "security_group_rule": ("SecurityGroupRuleNotFound", "Security group rule {} does not exist"),
    "agent": ("AgentNotFound", "Agent {} could not be found."),
    "rbac_policy": ("RbacPolicyNotFound", "RBAC policy of type unknown with ID {} not found"),
    "address_group": ("AddressGroupNotFound", "Address group {} could not be found."),
    "network_ip_availability": ("NetworkNotFound", "Network {} could not be found."),
    "extension": ("HTTPNotFound", "Extension with alias {} does not exist"),
}


def not_found(resource: str, identity: str) -> ApiError:
    """404 for an object that does not exist."""
    kind, sentence = _NOT_FOUND[resource]
    return ApiError(404, sentence.format(identity), kind=kind)
