"""Log directories that fail: a broker goes on without its replicas there, or halts; and works again with the next start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.kinds.kind import LASTS_US, S_US, Kind
from sim.faults import Crash, FailLogDirectory, RepairLogDirectory, Restart

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.log_directories import DirectoryAfterRepair
    from sim.faults.schedule import Entry
    from sim.faults.words import When

NOTICED_US = 6 * S_US
"""Whoever writes nothing there finds out with the next checkpoint of high watermarks, five seconds later at most."""


def _failed(choices: Choices, course: Course, when: When, files: DirectoryAfterRepair) -> tuple[Entry, ...]:
    broker = choices.one_of(course.brokers)
    # The last one first: without the first a broker halts.
    directory = choices.one_of(tuple(range(course.log_dirs, 0, -1)))
    failed = when.fault(FailLogDirectory(directory, broker))
    lasts_us = choices.one_of((0, *LASTS_US[3:-2]))
    if not lasts_us and files == "kept":
        # It works again at the end, with all the rest.
        return (failed,)
    repaired = when.wait(max(lasts_us, NOTICED_US if files == "wiped" else 0))
    entries = failed, repaired.fault(RepairLogDirectory(directory, broker, files))
    restarted_us = choices.one_of((0, *LASTS_US[3:-2]))
    if not restarted_us:
        return entries
    again = repaired.wait(restarted_us)
    if directory > 1:
        # Its process lives on.
        return *entries, again.fault(Crash(broker)), again.fault(Restart(broker))
    return *entries, again.fault(Restart(broker))


def _fail(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    return _failed(choices, course, when, "kept")


def _replace(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    return _failed(choices, course, when, "wiped")


_FAULTS = (FailLogDirectory, RepairLogDirectory, Crash, Restart)

KINDS = (
    Kind("fail log directory", "C", _FAULTS, _fail),
    Kind("replace log directory", "D", _FAULTS, _replace),
)
