"""What `l`, `s` and the words `logs`, `search`, `shell` do in the console."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from collectors.errors import SourceError, UsageError
from views.log_feed import SPANS, Ask
from views.log_screen import LogScreen

if TYPE_CHECKING:
    from console.app import Console


async def show_log(app: Console, ask: Ask) -> None:
    """Open a log over what is on the screen; what cannot be read at all is told, and we stay."""
    if app.session.open_log is None:
        app.say("neither a host nor a Loki of this site is known, so no log can be read", error=True)
        return
    try:
        screen = LogScreen(ask, app.session.open_log, app.session.clock, app.keys, app.session.log_filters)
    except (SourceError, UsageError) as error:
        app.say(str(error), error=True)
    else:
        await app.push_screen(screen)


def asked(name: str, argument: str) -> Ask:
    """The words `logs UNIT… [host=HOST]` and `search ID`. Raises `UsageError`."""
    words = shlex.split(argument)
    if name == "search":
        if len(words) != 1:
            raise UsageError("search wants one id", "search req-0f6a…")
        return Ask(request=words[0], back=SPANS[1])
    hosts = tuple(word.removeprefix("host=") for word in words if word.startswith("host="))
    units = tuple(word for word in words if not word.startswith("host="))
    return Ask(units, hosts)


def open_shell(app: Console, host: str, namespace: str) -> None:
    """Leave the screen to a shell, and come back to it."""
    shell = app.session.open_shell
    if shell is None:
        app.say("no host of this site is known, so no shell can be opened", error=True)
        return
    why = app.session.no_shell
    if why:
        app.say(why, error=True)
        return
    try:
        with app.suspend():
            said = shell(host, namespace)
    except SuspendNotSupported:
        app.say("this terminal cannot be lent to a shell; nephoscope shell does it", error=True)
    except (SourceError, UsageError) as error:
        app.say(str(error), error=True)
    else:
        app.say(said or f"back from {host}", error=bool(said))
