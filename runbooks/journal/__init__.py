"""The journal: the append-only record of what we did, a JSON object a line, bound to the one before by its hash."""

from runbooks.journal.append import Journal, to_syslog
from runbooks.journal.reading import read
from runbooks.journal.record import JournalError, OddLine, Record
from runbooks.journal.runs import Run, Step, runs
from runbooks.journal.verdict import Verdict, verify

__all__ = [
    "Journal",
    "JournalError",
    "OddLine",
    "Record",
    "Run",
    "Step",
    "Verdict",
    "read",
    "runs",
    "to_syslog",
    "verify",
]
