"""The gateway's process: killed, stopped in good order, or standing still, and mostly begun again or let go on.

Class G, and only in a story with a gateway. A gateway acknowledges nothing by itself, so it takes no promise with it: what died in it on its
way has no answer. One that is not begun again here is, once the cluster is repaired and the dead come back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sim.explore.kinds.kind import GOVERNANCE, LASTS_US, Kind
from sim.faults import CrashGateway, PauseGateway, RestartGateway, ResumeGateway, StopGateway

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.schedule import Entry
    from sim.faults.words import When

LASTING = 0
"""Nobody begins it again before the end."""


def _ended(choices: Choices, _course: Course, when: When) -> tuple[Entry, ...]:
    """End its process, mostly without a word. Two may fall together: then the later one is refused."""
    verb = choices.one_of((CrashGateway, CrashGateway, StopGateway))
    ended = replace(when.fault(verb()), may_be_refused=True)
    lasts_us = choices.one_of((*LASTS_US[:-2], LASTING))
    if lasts_us == LASTING:
        return (ended,)
    return ended, replace(when.wait(lasts_us).fault(RestartGateway()), may_be_refused=True)


def _paused(choices: Choices, _course: Course, when: When) -> tuple[Entry, ...]:
    """Let it stand still, below and beyond what its clients wait for."""
    paused = replace(when.fault(PauseGateway()), may_be_refused=True)
    later = when.wait(choices.one_of(LASTS_US))
    return paused, replace(later.fault(ResumeGateway()), may_be_refused=True)


KINDS = (
    Kind("end gateway", GOVERNANCE, (CrashGateway, StopGateway, RestartGateway), _ended, is_of_gateway=True),
    Kind("pause gateway", GOVERNANCE, (PauseGateway, ResumeGateway), _paused, is_of_gateway=True),
)
