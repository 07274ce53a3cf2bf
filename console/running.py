"""What a typed command does: the words of `views/commands.py`, carried out on the app."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from collectors import registry
from collectors.errors import SourceError, UsageError
from collectors.find import index_of
from collectors.kind import AnyKind
from collectors.sources.base import Where
from console.cli.do import split
from console.log_places import asked, open_shell, show_log
from runbooks.registry import operation as find_operation
from views.commands import CopyColumn, OpenList, RunAction, SetFilter, SortBy, Word, parse_command
from views.completion import proposals
from views.desk import Wanted
from views.keys import BY_ID
from views.messages import GoTo, OnCloud
from views.place import Place
from views.theme import THEMES

if TYPE_CHECKING:
    from console.app import Console


async def run_command(app: Console, text: str) -> None:
    """Do what was typed; what cannot be understood is told, with what is near."""
    text = text.strip()
    if not text:
        return
    try:
        await _understood(app, text)
    except UsageError as error:
        app.say(str(error), error=True)
    else:
        app.session.commands.add(text)


def _here(app: Console) -> AnyKind | None:
    listing = app.lists.listing
    return listing.kind if app.current_mode == "lists" and listing is not None else None


async def _understood(app: Console, text: str) -> None:
    here = _here(app)
    try:
        command = parse_command(text, here)
    except UsageError:
        # Half a word means the proposal that the bar shows first.
        found = [p for p in proposals(text, here, app.lists.whole, app.session.themes) if " " not in text]
        if not found or found[0].text == text:
            raise
        command = parse_command(found[0].text, here)
    match command:
        case OpenList():
            await _open(app, command)
        case RunAction(action_id):
            await _act(app, action_id)
        case SortBy(column, descending):
            app.lists.sort(column, descending)
        case CopyColumn(column):
            app.lists.copy_column(column)
        case SetFilter(filter_text):
            app.lists.filter(filter_text)
        case Word(name, argument):
            await _word(app, name, argument)


async def _act(app: Console, action_id: str) -> None:
    """What a key does, on whatever offers it here."""
    name = f"action_{BY_ID[action_id].method}"
    for owner in (app.focused, app.screen, app):
        if owner is not None and hasattr(owner, name):
            await owner.run_action(BY_ID[action_id].method)
            return
    app.say(f"{BY_ID[action_id].word} does nothing here", error=True)


async def _word(app: Console, name: str, argument: str) -> None:
    if name == "quit":
        app.leave()
    elif name == "arm":
        app.arm(argument)
    elif name == "disarm":
        app.disarm()
    elif name == "do":
        app.want(wanted(argument))
    elif name == "errors":
        if _here(app) is None:
            raise UsageError("errors are told in lists", "open one: :compute-services")
        app.lists.show_errors()
    elif name in ("logs", "search"):
        await show_log(app, asked(name, argument))
    elif name == "shell":
        host, _, namespace = argument.partition(" ")
        open_shell(app, host, namespace.strip())
    elif name == "theme":
        known = app.session.themes or THEMES
        if argument not in known:
            raise UsageError(f"no theme “{argument[:40]}” here", f"Themes: {', '.join(known)}")
        app.theme = argument
    else:
        app.show_help(registry.kind(argument))


async def _open(app: Console, command: OpenList) -> None:
    """A list: here, or on another cloud; below a parent, once the parent is known."""
    kind = registry.kind(command.kind_name)
    place = Place(kind.name, filter_text=command.filter_text)
    if command.cloud:
        app.post_message(OnCloud(command.cloud, place))
    elif command.parent:
        _find_parent(app, kind, command.parent, command.filter_text)
    else:
        await app.go(place)
        if command.row:
            app.lists.seek(command.row, describe=command.describe)


def wanted(argument: str) -> Wanted:
    """`OPERATION TARGET… [NAME=VALUE…]`, as `nephoscope do` takes it. Raises `UsageError`."""
    try:
        name, *words = shlex.split(argument)
    except ValueError as error:
        raise UsageError(f"do: {error}", "do compute-service.disable cmp01 reason='RAM swap'") from error
    operation = find_operation(name)
    targets, given = split(words, [parameter.name for parameter in operation.parameters])
    if not targets:
        raise UsageError(f"{operation.name} wants a target", f"one of the {operation.kind}: an id, a name or a filter")
    return Wanted(operation.name, words=tuple(targets), given=given)


def _find_parent(app: Console, kind: AnyKind, word: str, filter_text: str) -> None:
    """Go below the parent that `word` names: at once when it was read already, else when its system has answered."""

    def place(parent: str) -> Place:
        return Place(kind.name, Where(parent=parent), origin=word, filter_text=filter_text)

    snapshot = app.lists.whole(kind.scope.parent)
    if snapshot is not None:
        try:
            app.post_message(GoTo(place(snapshot.id_at(index_of(snapshot, word)))))
            return
        except SourceError:
            pass  # not among what was read so far: asked for below
    app.say(f"looking for {word} among the {kind.scope.parent}")

    def find() -> None:
        try:
            found = app.feed.parent_id(kind, word)
        except (SourceError, UsageError) as error:
            app.call_from_thread(app.say, str(error), error=True)
        else:
            app.post_message(GoTo(place(found)))

    app.run_worker(find, thread=True, group="parent", exclusive=True)
