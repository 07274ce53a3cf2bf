"""A session with a member, without sockets."""

from __future__ import annotations

from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.mysql.accounts import Account, accounts_of
from runbooks.simulator.mysql.session import Session

ACCOUNTS = {"nobody": Account("nobody", lambda: "", ())}


def session(cloud: Cloud, user: str = "root", member: str = "ctl01") -> Session:
    """An authenticated session of `user`."""
    account = ACCOUNTS.get(user) or accounts_of(cloud.secrets)[user]
    mine: list[Session] = []
    found = Session(
        galera=cloud.galera,
        member=member,
        account=account,
        identity=700_001,
        host="127.0.0.1",
        address="127.0.0.1:39472",
        others=lambda: mine,
        end=mine.remove,
        since=cloud.now(),
    )
    mine.append(found)
    return found
