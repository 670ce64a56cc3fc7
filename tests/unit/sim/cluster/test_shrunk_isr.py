"""Followers that fall out of sync together leave the ISR together, and below min.insync.replicas acks=all is refused."""

import pytest

from producer.errors import Code
from sim.faults import parse_fault
from sim.faults.armed import ArmedSchedule
from sim.faults.schedule import At, Entry
from sim.trace.events import IsrChanged
from tests.unit.sim.raw_client import ORDERS, Lab

ONCE_COMMITTED_S = 0.1


def struck_by(*faults: str) -> Lab:
    """A cluster whose orders-0 is led by b1, some time after the faults struck it all at one moment."""
    lab = Lab()
    assert lab.cluster.leader_of(ORDERS) == 1
    armed = ArmedSchedule(
        lab.world, lab.trace, lab.cluster, tuple(Entry(At(0), parse_fault(fault)) for fault in faults)
    )
    lab.run(ONCE_COMMITTED_S)
    assert not armed.refused
    return lab


@pytest.mark.parametrize("replicas", ["b2,b3", "b3,b2", "followers(orders-0)"])
def test_replicas_that_fall_out_of_sync_together_leave_the_isr_in_one_change(replicas: str) -> None:
    lab = struck_by(f"shrink orders-0 by {replicas} for 2s")

    assert [change.isr for change in lab.events(IsrChanged)] == [(1,)]


@pytest.mark.parametrize(
    "faults",
    [
        ("shrink orders-0 by b2,b3 for 2s",),
        ("shrink orders-0 by b2 for 2s", "shrink orders-0 by b3 for 2s"),
    ],
    ids=["in one fault", "in two"],
)
def test_below_min_insync_replicas_acks_all_is_refused_until_they_are_back(faults: tuple[str, ...]) -> None:
    lab = struck_by(*faults)

    refused = lab.client.produce(b"too few")
    lab.run(4)
    taken = lab.client.produce(b"enough again")

    assert refused.error_code == Code.NOT_ENOUGH_REPLICAS
    assert taken.error_code == Code.NONE
    assert lab.settle()


def test_who_falls_out_of_sync_while_another_change_is_proposed_leaves_right_behind_it() -> None:
    lab = struck_by("shrink orders-0 by b2 for 2s", "shrink orders-0 by b3 for 2s")

    assert [change.isr for change in lab.events(IsrChanged)] == [(1, 3), (1,)]


def test_who_cannot_fall_out_of_sync_keeps_nobody_else_in() -> None:
    # b1 leads: of the two it is b3 alone that can.
    lab = struck_by("shrink orders-0 by b1,b3 for 2s")

    assert [change.isr for change in lab.events(IsrChanged)] == [(1, 2)]
