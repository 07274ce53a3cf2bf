"""docs/operations.md: every operation with kind, risk, guards, parameters and account; and how it is done."""

from __future__ import annotations

from collections.abc import Iterator

from runbooks.operation import RISKS, Operation
from views.text.plan import DEMANDS

_HEAD = """# Operations

Generated from the declarations in `runbooks/operations/`. `nephoscope operations` lists them, `nephoscope operations
NAME` tells everything about one. Nothing else in Nephoscope changes anything on a cloud.

## How something is done

1. **Choose.** `a` on a list: what can be done to the marked rows, or to the one under the cursor; what makes no sense
   on it is there with the reason. `:do OPERATION TARGET… [NAME=VALUE…]` and `ctrl-p` do the same, `nephoscope do` in
   scripts.
2. **Read the plan.** Every call with its equivalent command, what stops, what gets scarcer, the guards with what they
   saw, the way back. Making it changes nothing. `e` shows each guard with target and time, `c` copies the commands as a
   script, `x` leaves out the targets whose guards are closed, `ctrl-r` plans again. A guard that cannot tell is closed.
3. **Open the window.** The console is read-only until `:arm 10m WHY` (at most 60 minutes); `:disarm` closes it, and so
   does its time. What was begun goes on, nothing new begins. `--read-only`, `read_only = true`,
   `NEPHOSCOPE_READ_ONLY=1` and `protection = "read-only"` cannot be lifted from inside. What only reads (R0) needs no
   window, no confirmation and no lock, and none of these stops it; the journal has it like all others.
4. **Confirm.** `R`, then the name of the target typed; of several that can be taken back, how many they are; of what
   cannot be taken back, every name. Enter and `y` confirm nothing, `esc` leaves. The plan is made once more before it
   begins: when it would do something else by then, or a guard has closed, nothing is begun.
5. **It runs** in the background, one line on every screen says how far it is. Leaving its screen ends nothing; `ctrl-c`
   on it begins no further step and waits for the one that was begun. A call is sent once: when its answer is lost, the
   cloud is looked at, and what cannot be told stays unknown. At the end it is proved by reading the cloud again.
   SIGTERM and a lost terminal (SIGHUP) end `nephoscope do` and the console like that, too, and so does `ctrl-c` for
   `do`: no further step begins, the one that was begun is waited for, stderr says what was done, what was not and how
   to go on, and the exit code is 130. A second signal does not wait: that is recorded, and the step is looked up later.
6. **The journal** (`@`, `nephoscope journal`) has every run with its steps, times, request ids and guards. `u` takes
   back the last that can be, or the one under the cursor, by a plan like any other, if what was done still stands.
   A run that was interrupted is told at the next start: `e` looks up what was in flight, `R` goes on, `x` settles it
   (`nephoscope undo --resume RUN`, `--settle RUN`). `R` goes on with a run that was cancelled, too. Going on looks at
   every guard again for what is left, and refuses when one is closed or unknown; no step is done twice, and what had
   failed is not tried again. A second person's approval that is over is asked again (`--resume RUN --plan -o json`
   prints the plan for `nephoscope approve`). Where others went on meanwhile nothing is sent twice either: a server that
   left a host that is drained is passed over, and the run says so.

What confirming may take besides:

"""


_READS = """
R0 is for what writes nothing anywhere, though it may be a POST (a console's log). `server.console-url` is not R0: Nova
writes a token that lets whoever has the address into the guest.
"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _operation(operation: Operation) -> Iterator[str]:
    yield f"\n### {operation.name}\n\n{operation.about[:1].upper()}{operation.about[1:]}.\n\n| | |\n|---|---|\n"
    rows = f" with `{_cell(operation.rows)}`" if operation.rows else ""
    rows += "".join(f", and from a row of `{offer.kind}`" for offer in operation.offers)
    yield f"| on | `{operation.kind}`{rows} |\n"
    yield f"| risk | {operation.risk}: {RISKS[operation.risk]} |\n"
    who = " or ".join(operation.roles) if operation.account == "openstack" else f"the account of {operation.account}"
    yield f"| who | {_cell(who)} |\n"
    back = "no: the name must be typed" if operation.irreversible else "the plan says how"
    yield f"| taken back | {back} |\n"
    for parameter in operation.parameters:
        told = f"; default {parameter.default or 'nothing'}" if parameter.default is not None else ""
        one_of = f"; one of {', '.join(parameter.choices)}" if parameter.choices else ""
        of = f"; id or name of one of the {parameter.of}" if parameter.of else ""
        yield f"| takes `{parameter.name}` | {_cell(parameter.about + one_of + of + told)} |\n"
    for guard in operation.guards:
        yield f"| guard {_cell(guard.name)} | {_cell(guard.about)} |\n"
    if operation.at_once > 1:
        yield f"| at once | {operation.at_once} targets |\n"


def text() -> str:
    """The page."""
    from console.generate import declared_operations

    parts = [_HEAD, *(f"- {words}\n" for words in DEMANDS.values()), "\n## Risks\n\n"]
    parts += [f"- **{risk}**: {about}\n" for risk, about in RISKS.items()]
    parts.append(_READS)
    kind = ""
    for operation, _ in declared_operations():
        if operation.kind != kind:
            kind = operation.kind
            parts.append(f"\n## {kind}\n")
        parts.extend(_operation(operation))
    return "".join(parts)
