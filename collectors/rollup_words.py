"""The roll-up rules as help pages say them. Pure."""

from __future__ import annotations

from collectors.rollup import Complaints, Count, Quorum, Rollup, Share, Worst


def in_words(rule: Rollup) -> str:
    """The rule as the help page says it."""
    match rule:
        case Worst():
            return f"as bad as the worst of its {rule.noun}"
        case Quorum():
            if rule.felt:
                return (
                    f"critical when a majority of the {rule.noun} is lost or one holds up all, warning when one is lost"
                )
            return f"critical when a majority of the {rule.noun} is lost, warning when one is"
        case Share():
            each = f", judged for each {rule.by.replace('_', ' ')} by itself" if rule.by else ""
            more = "any" if rule.warning <= 0 else f"more than {rule.warning * 100:.0f} %"
            return (
                f"warning when {more} of the {rule.noun} are {rule.bad}, critical from {rule.critical * 100:.0f} % on "
                f"or when none is left{each}"
            )
        case Complaints():
            return f"as bad as the worst of its {rule.noun}; without any it is well"
        case Count():
            return f"{rule.noun} are counted and never colour the system"
