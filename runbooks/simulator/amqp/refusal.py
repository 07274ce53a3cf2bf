"""How the broker refuses: the code and words of `channel.close` and `connection.close`."""

from __future__ import annotations


class RefusalError(Exception):
    """A channel is closed, or, when `hard`, the whole connection."""

    def __init__(self, code: int, text: str, *, hard: bool = False) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text
        self.hard = hard


def not_found(what: str, name: str) -> RefusalError:
    return RefusalError(404, f"NOT_FOUND - no {what} '{name}' in vhost '/'")


def access_refused(what: str, name: str, user: str) -> RefusalError:
    return RefusalError(403, f"ACCESS_REFUSED - access to {what} '{name}' in vhost '/' refused for user '{user}'")


def locked(name: str) -> RefusalError:
    words = "It could be originally declared on another connection or the exclusive property value does not match"
    return RefusalError(
        405,
        f"RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '{name}' in vhost '/'. {words} that of the "
        "original declaration.",
    )


def not_implemented(name: str) -> RefusalError:
    return RefusalError(540, f"NOT_IMPLEMENTED - {name}", hard=True)


LOGIN = "ACCESS_REFUSED - Login was refused using authentication mechanism {}. For details see the broker logfile."
