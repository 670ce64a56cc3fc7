"""What a leader proposes of its ISR, and what the controller has decided by the time it arrives.

One replica stands still until it is fenced; another falls out of sync for a moment before that, and what the leader proposes about
it, with the first one still in sync, comes too late. Only the partition epoch tells that it did (KIP-497).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.kinds.failovers import SLOWNESS
from sim.explore.kinds.kind import MS_US, S_US, Kind
from sim.explore.kinds.links import CONTROLLER
from sim.faults import Crash, HoldLink, Leader, OpenLink, Pause, ResetLink, Restart, Resume, ShrinkIsr, SlowDisk
from sim.faults.schedule import After
from sim.faults.words import When

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.schedule import Entry


def _late_proposal(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    """Let a leader's AlterPartition arrive after the controller has changed the partition by itself.

    One replica stands still until it is fenced and comes back; another falls out of sync for a while, and is proposed anew
    over a link that holds what the leader says.
    """
    place = choices.number(0, len(course.partitions) - 1)
    partition, replicas = course.partitions[place], course.replicas[place]
    fenced, proposed = choices.one_of(replicas), choices.one_of(replicas)
    leader = Leader(partition)
    lasts_us = choices.one_of((3, 2)) * S_US
    back = When(After("BrokerFenced", 1, (("broker", fenced),))).wait(choices.one_of((MS_US, 100 * MS_US, S_US)))
    mended = back.wait(choices.one_of((3, 11)) * S_US)
    return (
        when.fault(Pause(fenced)),
        when.wait(4 * S_US).fault(ShrinkIsr(partition, proposed, lasts_us)),
        when.wait(5 * S_US).fault(HoldLink(leader, CONTROLLER, one_way=True)),
        back.fault(SlowDisk(fenced, SLOWNESS)),
        back.fault(Resume(fenced)),
        when.wait(choices.one_of((10, 11, 12)) * S_US).fault(OpenLink(CONTROLLER)),
        mended.fault(SlowDisk(fenced, 1)),
    )


def _proposed_again(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    """Let a leader propose again what was on its way when the controller changed the partition, after it has heard of that.

    Its streams to the controller break as the first replica is fenced. It hears what the controller did 40 to 60 ms later, and
    proposes again after 100; in between the replica comes back, behind what was committed without it.
    """
    place = choices.number(0, len(course.partitions) - 1)
    partition, replicas = course.partitions[place], course.replicas[place]
    # The preferred leader leads, mostly.
    fenced = choices.one_of(replicas[1:] or replicas)
    proposed = choices.one_of([replica for replica in replicas[1:] if replica != fenced] or replicas)
    leader = Leader(partition)
    # Not as long before a fencing (7 to 10 s after the pause, or 2 to 4) as a heartbeat waits for its answer (2 s, or 1).
    shrunk = when.wait(choices.one_of((7_500, 7_500, 2_200)) * MS_US)
    gone = When(After("BrokerFenced", 1, (("broker", fenced),)))
    back = gone.wait(choices.one_of((60, 75, 80)) * MS_US)
    return (
        when.fault(Pause(fenced)),
        shrunk.fault(HoldLink(leader, CONTROLLER, one_way=True)),
        shrunk.wait(MS_US).fault(ShrinkIsr(partition, proposed, choices.one_of((200, 300)) * MS_US)),
        gone.fault(ResetLink(leader, CONTROLLER)),
        gone.wait(20 * MS_US).fault(OpenLink(CONTROLLER)),
        back.fault(SlowDisk(fenced, SLOWNESS)),
        back.fault(Resume(fenced)),
        back.wait(choices.one_of((3, 11)) * S_US).fault(SlowDisk(fenced, 1)),
    )


def _joins_empty(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    """Let a replica be proposed into the ISR, lose its disk and register anew before the controller hears of it (KIP-903).

    It registers when the session of its last life is over, which the leader's own must outlast.
    """
    place = choices.number(0, len(course.partitions) - 1)
    partition, replicas = course.partitions[place], course.replicas[place]
    # The preferred leader leads, mostly.
    joining = choices.one_of(replicas[1:] or replicas)
    gone = when.wait(choices.one_of((900, 1_200)) * MS_US)
    heard = When(After("BrokerUnfenced", 1, (("broker", joining),))).wait(choices.one_of((0, 0, MS_US)))
    return (
        when.fault(ShrinkIsr(partition, joining, choices.one_of((300, 200)) * MS_US)),
        when.wait(100 * MS_US).fault(HoldLink(Leader(partition), CONTROLLER, one_way=True)),
        gone.fault(Crash(joining, "wiped")),
        gone.wait(MS_US).fault(Restart(joining)),
        # It would copy everything in no time.
        gone.wait(2 * MS_US).fault(SlowDisk(joining, SLOWNESS)),
        heard.fault(OpenLink(CONTROLLER)),
        heard.wait(choices.one_of((3, 11)) * S_US).fault(SlowDisk(joining, 1)),
    )


KINDS = (
    Kind("late proposal", "C", (Pause, ShrinkIsr, HoldLink, SlowDisk, Resume, OpenLink), _late_proposal),
    Kind(
        "proposal again",
        "C",
        (Pause, HoldLink, ShrinkIsr, ResetLink, OpenLink, SlowDisk, Resume),
        _proposed_again,
    ),
    Kind("joins empty", "D", (ShrinkIsr, HoldLink, Crash, Restart, SlowDisk, OpenLink), _joins_empty),
)
