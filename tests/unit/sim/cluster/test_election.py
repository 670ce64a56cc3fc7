"""Who leads next, as a function of state and rules (kafka.md 4.5)."""

from dataclasses import replace

import pytest

from producer.records import TopicPartition
from sim.cluster.controller.election import Change, ElectionRules, next_state
from sim.cluster.metadata_states import PartitionState

STATE = PartitionState(TopicPartition("orders", 0), (1, 2, 3), 1, 4, (1, 2, 3), (), -1, 9)


def follow(
    state: PartitionState = STATE,
    *,
    isr: tuple[int, ...],
    alive: tuple[int, ...] = (1, 2, 3),
    elr: bool = True,
    unclean: bool = False,
    shutdown: tuple[int, ...] = (),
    wanted: int | None = None,
) -> Change | None:
    rules = ElectionRules(elr, unclean, alive.__contains__)
    return next_state(state, rules, isr=isr, min_insync_replicas=2, unclean_shutdown=shutdown, wanted_leader=wanted)


def test_nothing_changes_where_nothing_is_wanted() -> None:
    assert follow(isr=(1, 2, 3)) is None


def test_a_smaller_isr_counts_the_partition_epoch_and_not_the_leader_epoch() -> None:
    change = follow(isr=(1, 2))

    assert change is not None
    assert change.state == replace(STATE, isr=(1, 2), partition_epoch=10)


def test_a_dead_leader_is_followed_by_the_first_replica_in_the_isr() -> None:
    change = follow(isr=(3, 2), alive=(2, 3))

    assert change is not None
    assert (change.state.leader, change.state.leader_epoch, change.is_unclean) == (2, 5, False)


def test_below_min_isr_those_who_fell_out_stay_eligible() -> None:
    change = follow(replace(STATE, isr=(1, 2)), isr=(1,), alive=(1,))

    assert change is not None
    assert change.state.eligible_leader_replicas == (2,)


def test_eligibility_ends_when_the_isr_is_large_enough_again() -> None:
    change = follow(replace(STATE, isr=(1,), eligible_leader_replicas=(2,)), isr=(1, 3))

    assert change is not None
    assert change.state.eligible_leader_replicas == ()


def test_an_eligible_replica_leads_only_when_the_isr_is_empty() -> None:
    change = follow(replace(STATE, isr=(1,), eligible_leader_replicas=(2,)), isr=(), alive=(2, 3))

    assert change is not None
    assert (change.state.leader, change.state.isr, change.is_unclean) == (2, (2,), False)
    assert change.state.eligible_leader_replicas == (1,)


def test_a_replica_that_shut_down_uncleanly_is_not_eligible() -> None:
    change = follow(replace(STATE, isr=(1,)), isr=(), alive=(), shutdown=(1,))

    assert change is not None
    assert change.state.eligible_leader_replicas == ()
    assert (change.state.leader, change.state.last_known_leader) == (-1, 1)


def test_the_last_known_leader_returns_when_nobody_is_eligible_any_more() -> None:
    gone = replace(STATE, leader=-1, isr=(), last_known_leader=1)

    returned = follow(gone, isr=(), alive=(1, 2))
    others = follow(gone, isr=(), alive=(2, 3))

    assert returned is not None
    assert (returned.state.leader, returned.is_unclean) == (1, True)
    assert others is None


def test_unclean_election_takes_any_live_replica_and_an_isr_of_it_alone() -> None:
    change = follow(replace(STATE, isr=(1,)), isr=(), alive=(3,), unclean=True)

    assert change is not None
    assert (change.state.leader, change.state.isr, change.is_unclean) == (3, (3,), True)


def test_without_elr_the_last_member_of_the_isr_stays() -> None:
    change = follow(replace(STATE, isr=(1,)), isr=(), alive=(2, 3), elr=False)

    assert change is not None
    assert (change.state.leader, change.state.isr) == (-1, (1,))


@pytest.mark.parametrize("wanted, leader", [(3, 3), (None, 1)])
def test_a_wanted_leader_is_taken_if_it_may_lead(wanted: int | None, leader: int) -> None:
    change = follow(isr=(1, 3), wanted=wanted)

    assert change is not None
    assert change.state.leader == leader
