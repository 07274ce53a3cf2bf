"""A statement that changes something, on one database member: run once, on a connection of its own, by the admin.

The connection that reads is declared READ ONLY and is opened with an account that may only look; this one is opened for
one statement and closed again.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from collectors.call import Answer, SqlCall
from collectors.deadline import Deadline
from collectors.errors import BadConfiguration
from collectors.sources.base import Source
from collectors.sources.galera import GaleraSource
from collectors.sources.galera_failures import understood
from collectors.sources.galera_session import opened
from collectors.whole import whole


def written(source: Source, call: SqlCall, deadline: Deadline) -> Answer:
    """Run it. Raises `SourceError`; `BadConfiguration` when the site names no admin account."""
    assert isinstance(source, GaleraSource)
    admin = source.galera.admin
    if admin is None:
        hint = "add admin_user and admin_password to [site.NAME.galera]"
        raise BadConfiguration("galera", "the site names no account that may change anything", hint)
    member = source.member(call.member)
    what = source.title(member)
    whole("pymysql")
    account = replace(source.galera, user=admin.user, password=admin.password)
    connection: Any = None
    try:
        connection = opened(account, member.address, member.port, source.dial, deadline, reads_only=False)
        with connection.cursor() as cursor:
            cursor.execute(call.sql, dict(call.values) if call.values else None)
            return Answer(words=f"{cursor.rowcount} rows" if cursor.rowcount > 0 else "")
    except Exception as error:
        raise understood(error, what, member.host, deadline) from error
    finally:
        if connection is not None:
            with suppress(Exception):  # it is being thrown away
                connection._force_close()
