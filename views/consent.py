"""What confirming a plan takes: two acts that no habit does by itself, the last of which is typing what it is about.

Think of three in the morning. Hands that have pressed `a`, `1`, Enter a hundred times press Enter once more before
the eye has read, and `y` as fast as they do at every other prompt; so neither of them does anything on a plan.
Confirming is `R`, a key that means nothing anywhere else, and then the name of the target, or of several how many they
are, typed letter by letter: who types `cmp12` has read which one it is, and who types `23` has seen that it is not one.
What cannot be taken back wants every name. The command line asks the same (`nephoscope do`).
"""

from __future__ import annotations

from collections.abc import Sequence

from runbooks.plan import Part, Plan
from views.asking import Question
from views.text.width import cells

TYPEABLE = 40
"""Letters of a name that somebody can be asked to type."""


def questions(plan: Plan, *, reason: str, production: str = "") -> list[Question]:
    """What is asked before it begins, in order; the reason first, what confirms last. What only reads asks nothing."""
    found: list[Question] = []
    if plan.only_reads:
        return found
    if "reason" in plan.demands:
        found.append(
            Question("reason", ["why this is done; the journal keeps it"], reason, wrong=lambda t: "" if t else "why?")
        )
    words = confirming(plan)
    where = f"{production}: " if production else ""
    for place, word in enumerate(words):
        counted = f" ({place + 1} of {len(words)})" if len(words) > 1 else ""
        found.append(_typed(f"{where}type {word} to do it{counted}", word))
    return found


def confirming(plan: Plan) -> list[str]:
    """The words that must be typed."""
    if "named" in plan.demands or len(plan.parts) == 1:
        return [_word(part, plan) for part in plan.parts]
    return [str(len(plan.parts))]


def _word(part: Part, plan: Plan) -> str:
    """The name where it can be typed; else the id, and for what can be taken back the beginning of it."""
    if part.name.isascii() and part.name.isprintable() and 0 < cells(part.name) <= TYPEABLE and part.name.strip():
        return " ".join(part.name.split())
    return part.target if "named" in plan.demands else part.target[:8]


def _typed(prompt: str, word: str) -> Question:
    def wrong(text: str) -> str:
        return "" if " ".join(text.split()) == word else "that is not it; nothing was done"

    return Question(prompt, ["anything else does nothing; esc leaves it"], wrong=wrong)


def names(plan: Plan) -> Sequence[str]:
    """The names that were confirmed with these words."""
    return [part.name for part in plan.parts]
