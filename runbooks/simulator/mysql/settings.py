"""SET: session variables are kept, a few GLOBAL ones change the member (`wsrep_desync`, `wsrep_provider_options`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runbooks.simulator.model.galera_status import reference
from runbooks.simulator.mysql import errors
from runbooks.simulator.mysql.result import Done, Result
from runbooks.simulator.mysql.text import Words, names, unquoted

if TYPE_CHECKING:
    from runbooks.simulator.mysql.session import Session

_READ_ONLY = names(
    "version version_comment hostname datadir basedir bind_address port socket pid_file wsrep_provider server_uuid "
    "wsrep_patch_version license innodb_page_size lower_case_table_names have_ssl"
)
_GLOBAL_ONLY = names(
    "wsrep_desync wsrep_provider_options wsrep_cluster_address wsrep_cluster_name wsrep_node_name wsrep_slave_threads "
    "wsrep_sst_donor max_connections innodb_buffer_pool_size read_only general_log slow_query_log "
    "wsrep_reject_queries wsrep_max_ws_size"
)
_ASSIGNMENT = re.compile(
    r"\s*(?:(?P<scope>GLOBAL|SESSION|LOCAL)\s+)?(?P<name>@@?[\w.$]+|`?[\w.$]+`?)\s*:?=\s*(?P<value>.+?)\s*$",
    re.IGNORECASE | re.DOTALL,
)
_COMMA = re.compile(r",(?=(?:[^'\"]*(?:'[^']*'|\"[^\"]*\"))*[^'\"]*$)")
_ON = {"1": "ON", "ON": "ON", "TRUE": "ON", "YES": "ON", "0": "OFF", "OFF": "OFF", "FALSE": "OFF", "NO": "OFF"}


def set_variables(session: Session, words: Words) -> Result:
    """SET NAMES, SET CHARACTER SET, SET TRANSACTION, SET [GLOBAL|SESSION] name = value [, …]."""
    if words.upper(1) == "NAMES":
        name = unquoted(words.words[2]) if len(words.words) > 2 else ""
        for variable in ("character_set_client", "character_set_connection", "character_set_results"):
            session.set_here[variable] = name
        return Done()
    if words.upper(1) in ("CHARACTER", "CHARSET", "TRANSACTION", "PASSWORD", "ROLE", "DEFAULT", "STATEMENT"):
        return Done()
    if words.begin("SET", "SESSION", "TRANSACTION") or words.begin("SET", "GLOBAL", "TRANSACTION"):
        return Done()
    warned = 0
    for part in _COMMA.split(words.required(1)):
        match = _ASSIGNMENT.fullmatch(part)
        if match is None:
            raise errors.syntax(words.after(1))
        warned += _assign(session, (match["scope"] or "").upper(), match["name"], match["value"])
    return Done(warnings=warned)


def _assign(session: Session, scope: str, name: str, value: str) -> int:
    """One assignment; returns the number of warnings."""
    name = name.strip("`")
    if name.startswith("@") and not name.startswith("@@"):
        text = unquoted(value)
        session.user_variables[name[1:].lower()] = int(text) if re.fullmatch(r"-?\d+", value) else text
        return 0
    if name.startswith("@@"):
        prefix, dot, rest = name[2:].partition(".")
        scope, name = (prefix.upper(), rest) if dot else (scope, prefix)
    name, text = name.lower(), unquoted(value)
    if session.variable(name) is None:
        raise errors.unknown_variable(name)
    if name in _READ_ONLY:
        raise errors.read_only_variable(name)
    if scope != "GLOBAL":
        if name in _GLOBAL_ONLY:
            raise errors.global_only(name)
        session.set_here[name] = _ON.get(text.upper(), text) if _is_switch(name) else text
        return 0
    session.need("SUPER")
    return _set_global(session, name, text)


def _is_switch(name: str) -> bool:
    return reference()["variables"].get(name) in ("ON", "OFF")


def _set_global(session: Session, name: str, text: str) -> int:
    member, warned = session.galera[session.member], 0
    if name == "wsrep_desync":
        wanted = _ON.get(text.upper())
        if wanted is None:
            raise errors.wrong_value(name, text)
        if (wanted == "ON") == member.desync:
            session.warnings.append(("Warning", 1231, f"'wsrep_desync' is already {wanted}."))
            warned = 1
        member.desync = wanted == "ON"
    elif name == "wsrep_provider_options":
        _provider_options(session, text)
    else:
        standing = reference()["variables"].get(name, "")
        if standing.isdigit() and not text.isdigit() and text.upper() != "DEFAULT":
            raise errors.wrong_type(name)
        if _is_switch(name) and text.upper() not in (*_ON, "DEFAULT"):
            raise errors.wrong_value(name, text)
        value = standing if text.upper() == "DEFAULT" else _ON[text.upper()] if _is_switch(name) else text
        member.options[name] = value
    session.wrote(f"SET GLOBAL {name}={text}")
    session.galera.cloud.settle()
    return warned


def _provider_options(session: Session, text: str) -> None:
    known = {part.partition(" = ")[0] for part in session.variables()["wsrep_provider_options"].split("; ")}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        key, _, value = (word.strip() for word in part.partition("="))
        if key == "pc.bootstrap":
            if value.upper() in ("YES", "1", "TRUE", "ON"):
                session.galera.bootstrap(session.member)
        elif key in known:
            session.galera[session.member].options[key] = value
        else:
            raise errors.wrong_arguments("SET")
