"""What was done to a server: Nova's instance actions with their events, newest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from runbooks.simulator.ids import Seed
from runbooks.simulator.model.server import Server


@dataclass(slots=True)
class Event:
    """A step of an action on one host."""

    name: str
    """`compute__do_build_and_run_instance`."""
    host: str
    start: float
    finish: float | None = None
    result: str | None = None
    """`Success` or `Error`."""
    details: str | None = None
    traceback: str | None = None


@dataclass(slots=True)
class Action:
    """One request on a server."""

    action: str
    request_id: str
    server_id: str
    user_id: str
    project_id: str
    start: float
    updated: float
    message: str | None = None
    """`Error` when it failed."""
    events: list[Event] = field(default_factory=list)
    heard: Callable[[Action, Event, float], None] | None = None
    """Told each step that begins or ends, with its moment."""

    def begin(self, name: str, host: str, now: float) -> Event:
        """A step begins."""
        event = Event(name, host, now)
        self.events.insert(0, event)
        self.updated = now
        if self.heard is not None:
            self.heard(self, event, now)
        return event

    def end(self, event: Event, now: float, error: str | None = None) -> None:
        """A step ends, well or with `error`."""
        event.finish, event.result, event.details = now, "Error" if error else "Success", error
        self.updated = now
        if error:
            self.message = "Error"
        if self.heard is not None:
            self.heard(self, event, now)


class Actions:
    """The actions of all servers: held from the first change on, before that just its creation, computed."""

    def __init__(self, seed: Seed) -> None:
        self._seed = seed
        self._held: dict[str, list[Action]] = {}
        self.heard: Callable[[Action, Event, float], None] | None = None
        """Given to every action that starts."""

    def of(self, server: Server) -> list[Action]:
        """The server's actions, newest first."""
        return [*reversed(self._held.get(server.id, [])), *self._first(server)]

    def of_deleted(self, server_id: str) -> list[Action]:
        """The actions of a server that is gone (Nova keeps them from 2.21 on); empty when it never had any."""
        return list(reversed(self._held.get(server_id, [])))

    def start(self, action: str, server: Server, request_id: str, user_id: str, project_id: str, now: float) -> Action:
        """A request begins."""
        found = Action(action, request_id, server.id, user_id, project_id, now, now, heard=self.heard)
        self._held.setdefault(server.id, []).append(found)
        return found

    def _first(self, server: Server) -> list[Action]:
        if any(action.action == "create" for action in self._held.get(server.id, [])):
            return []
        request_id = f"req-{self._seed.uuid('create', server.id)}"
        done = server.launched or server.created + 4
        action = Action("create", request_id, server.id, server.user_id, server.project_id, server.created, done)
        if server.host:
            name = "compute__do_build_and_run_instance"
            action.events.append(Event(name, server.host, server.created + 1, done, "Success"))
        elif server.failure:
            error = "Error"
            action.message = error
            action.events.append(
                Event("conductor_schedule_and_build_instances", "", server.created, done, error, server.failure.message)
            )
        return [action]
