"""The way back from an event to what began it, one step after the other, the way to a fault first."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from sim.tui.view_model.causality.causes import Causes

STEPS_MAX = 60
"""How many steps are told of one event at most."""


class Relation(Enum):
    """What a step is to the one that it explains."""

    ASKED = ""
    """It is what somebody asked about."""
    BECAUSE = "because"
    """It brought about the step before it."""
    AND = "and"
    """It is another cause, of a step further above; what follows leads on from it."""
    BESIDE = "besides"
    """A judge names it besides; nobody says that it brought anything about."""
    AFTER = "after"
    """Nothing is known to have brought that step about: this is what the same one did before."""


class WhyStep(NamedTuple):
    """One event on the way back."""

    event: int
    relation: Relation
    explains: int
    """The event that it is a cause of; itself for what was asked about."""
    is_fault: bool = False
    is_root: bool = False
    """Whether nothing in the trace brought it about: a fault, a send, a begin."""


def why(causes: Causes, index: int, *, beside: Iterable[int] = (), steps_max: int = STEPS_MAX) -> list[WhyStep]:
    """Explain an event: a chain of its causes back to a fault if one is behind it, then what else had a part in it.

    `beside` are events that a judge names besides: what is not told of them by then is told last. Side branches are followed
    where a fault is behind them, and where they are causes of the event itself.
    """
    steps = [WhyStep(index, Relation.ASKED, index, causes.is_fault(index))]
    told = {index}
    waiting = [(number, index) for number in beside if number < index]
    branches: list[tuple[int, int]] = []

    def follow(event: int) -> None:
        """Tell the chain of causes from a step that was just told, up to its root or to what is told already."""
        while len(steps) < steps_max:
            found = sorted(causes.of(event), key=lambda one: not causes.is_struck(one))
            news = [one for one in found if one not in told]
            if not news:
                if not found:
                    before = causes.step_before(event) if event == index and not causes.is_fault(event) else None
                    if before is None:
                        steps[-1] = steps[-1]._replace(is_root=True)
                    else:
                        steps.append(WhyStep(before, Relation.AFTER, event, causes.is_fault(before)))
                return
            first, *others = news
            branches.extend((one, event) for one in others if causes.is_struck(one) or event == index)
            told.add(first)
            steps.append(WhyStep(first, Relation.BECAUSE, event, causes.is_fault(first)))
            event = first

    follow(index)
    while (branches or waiting) and len(steps) < steps_max:
        relation = Relation.AND if branches else Relation.BESIDE
        event, explained = (branches or waiting).pop(0)
        if event in told:
            continue
        told.add(event)
        steps.append(WhyStep(event, relation, explained, causes.is_fault(event)))
        follow(event)
    return steps
