"""Opening the console: from options, settings and terminal to a `Session`, and from one cloud to the next.

Nothing is read before the first screen is there; what needs a connection (who we are) is asked afterwards.
"""

from __future__ import annotations

import getpass
from contextlib import suppress
from typing import Any, Final

from collectors import registry
from collectors.board import Board
from collectors.connections import Connections
from collectors.curve import Curve
from collectors.errors import SourceError
from collectors.overview import watched
from collectors.past import past
from collectors.trend import Trend
from console.cli.exits import Exit
from console.config import load_settings
from console.desk import CloudDesk
from console.doing import Doing
from console.ending import wait_for_runs
from console.history import recall
from console.keymap import load as load_keys
from console.known import KnownOnDisk
from console.log_readers import CloudLog
from console.readers import CloudReaders
from console.session import Session, Switch
from console.shells import open_shell, refusal
from console.wiring import CLOCK, connect
from views import clipboard, glyphs, theme
from views.chart import Past
from views.header import Identity
from views.place import OVERVIEW, Place

PAST_SECONDS: Final = 10.0
"""How long one question about the past may take."""


def _user() -> str:
    with suppress(OSError, KeyError):
        return getpass.getuser()
    return ""


def _identified(connections: Connections, known: Identity) -> Identity:
    """Who we are, asked of Keystone; what we knew when it does not answer."""
    from msgspec.structs import replace

    from collectors.deadline import working
    from collectors.sources.openstack import OpenStackSource

    try:
        source = connections.system("openstack")
        assert isinstance(source, OpenStackSource)
        with working(connections.deadline(20.0)):
            access = source.access()
    except SourceError:
        return known
    return replace(
        known,
        region=known.region or connections.region,
        user=str(access.username or ""),
        project=str(access.project_name or ("system" if access.system_scoped else access.domain_name or "")),
    )


def _past(connections: Connections) -> Past:
    """Asks the site's Prometheus about one row."""

    def asked(trend: Trend, row: Any, name: str, span: float) -> Curve:
        return past(connections, trend, row, name, span, PAST_SECONDS)

    return asked


def _clouds() -> list[str]:
    """Names in clouds.yaml. Raises `BadConfiguration`."""
    from collectors.sources.clouds import cloud_names

    return cloud_names()


def session(options: Any, start: Place = OVERVIEW) -> Session:
    """One run on the cloud that `options` name. Raises `BadConfiguration`."""
    environ = options.environ
    settings = load_settings(environ)
    connections = connect(options)
    site = connections.site
    kinds = watched(registry.kinds(), connections.can_ask)
    board = Board(kinds, CLOCK())
    known = KnownOnDisk(settings.state_dir, site.cloud, site.region, _user(), board, CLOCK)
    keys, complaints = load_keys(settings.keys)
    told = known.load()
    desk = CloudDesk(Doing(options, connections), CLOCK, settings.state_dir / "plans")
    identity = Identity(site.cloud, site.region, mode=desk.arming.words, locked=desk.locked, protection=site.protection)
    return Session(
        connect=lambda swap: CloudReaders(connections, kinds, swap, CLOCK),
        identify=lambda: _identified(connections, identity),
        board=board,
        clock=CLOCK,
        identity=identity,
        keys=keys,
        theme=theme.choose(environ, settings.theme),
        themes=theme.usable(environ),
        glyphs=glyphs.choose(environ, "ascii" if options.ascii or settings.ascii else ""),
        multiplexer=clipboard.multiplexer(environ),
        commands=recall(settings.state_dir / "commands.history"),
        filters=recall(settings.state_dir / "filters.history"),
        known_problems=known,
        clouds=_clouds,
        open_log=(lambda ask: CloudLog(connections, ask, CLOCK)) if site.hosts or site.loki else None,
        open_shell=(
            lambda host, namespace: open_shell(
                connections, host, namespace, read_only=options.read_only or settings.read_only
            )
        )
        if site.hosts
        else None,
        past=_past(connections) if connections.has("prometheus") else None,
        no_shell=refusal(connections, read_only=options.read_only or settings.read_only),
        desk=desk,
        start=start,
        complaints=[*complaints, *([told] if told else [])],
    )


def open_console(options: Any) -> Exit:
    """Run the console until the person leaves, or a signal ends it; another cloud is another session."""
    from console.app import Console

    start: Place = OVERVIEW
    while True:
        made = session(options, start)
        app = Console(made)
        try:
            outcome = app.run(mouse=False)
        finally:
            if made.desk is not None:
                wait_for_runs(made.desk, app.taken, app.taken_from)
        if app.taken:
            return Exit.INTERRUPTED
        if app.bug is not None:
            raise app.bug
        if not isinstance(outcome, Switch):
            return Exit.DONE
        options.cloud, _, options.region = outcome.cloud.partition("/")
        start = outcome.place
