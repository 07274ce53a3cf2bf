"""What a command of the hosts' shell reads from and writes to."""

from __future__ import annotations

from dataclasses import dataclass, field

from runbooks.simulator.ssh.program import Discard, Sink


class RedirectError(Exception):
    """A redirection that cannot be opened; the message is the shell's."""


@dataclass(slots=True)
class Streams:
    """What the file descriptors of a command are."""

    stdin: bytes
    sinks: dict[int, Sink] = field(default_factory=dict)

    @property
    def out(self) -> Sink:
        return self.sinks.get(1) or Discard()

    @property
    def err(self) -> Sink:
        return self.sinks.get(2) or Discard()
