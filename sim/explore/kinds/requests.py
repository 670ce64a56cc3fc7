"""Requests that are lost on their way, or arrive when their client is long gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sim.explore.kinds.answers import whose
from sim.explore.kinds.kind import LASTS_US, TIMES, Kind
from sim.faults import DetainRequest, LoseRequest

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.schedule import Entry
    from sim.faults.words import When


def _detain_request(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    broker, api, partition = whose(choices, course)
    by_us = choices.one_of(LASTS_US)
    return (when.fault(DetainRequest(broker, api, partition, choices.one_of(TIMES), by_us=by_us)),)


def _lose_request(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    broker, api, partition = whose(choices, course)
    then: Literal["stall", "reset"] = choices.one_of(("stall", "reset"))
    return (when.fault(LoseRequest(broker, api, partition, choices.one_of(TIMES), then=then)),)


KINDS = (
    Kind("detain request", "N", (DetainRequest,), _detain_request),
    Kind("lose request", "N", (LoseRequest,), _lose_request),
)
