"""Notes: what we noticed about the configuration that is no error but that somebody should know.

They are gathered while files are read and shown by `doctor`; nothing else depends on them.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

NoteLevel: TypeAlias = Literal["ok", "warning"]


class Note(msgspec.Struct, frozen=True):
    """One remark. `subject` names the file, host or table it is about; `next_step` says what to do, if anything."""

    level: NoteLevel
    subject: str
    text: str
    next_step: str = ""
