"""Leaders elected by hand, from time to time, and because a topic allows now what it did not (ElectLeaders, QuorumController)."""

from __future__ import annotations

import pytest

from sim.cluster.controller.election import ElectionKind
from sim.cluster.topic_config import TopicConfig
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import BrokerFenced, BrokerUnfenced, LeaderElected, LogTruncated
from sim.world.units import SECOND_US
from tests.unit.sim.raw_client import ORDERS, Lab

MINUTE_US = 60 * SECOND_US


def last_election(lab: Lab) -> tuple[int, bool]:
    event = lab.events(LeaderElected, topic="orders", partition=0)[-1]
    return event.leader, event.is_unclean


def behind(lab: Lab) -> None:
    """b3 lacks a record that b1 and b2 have, both of which are dead; b3 is alive."""
    lab.client.produce(b"everybody has")
    lab.cluster.crash(3)
    lab.run_to(BrokerFenced, broker=3)
    lab.client.produce(b"b3 has not")
    lab.cluster.crash(1)
    lab.cluster.crash(2)
    lab.run(12)
    lab.cluster.restart(3)
    lab.run_to(BrokerUnfenced, broker=3)
    assert lab.cluster.leader_of(ORDERS) == -1


# -- by hand -----------------------------------------------------------------------------------------------------------


def test_an_unclean_election_lets_the_laggard_lead_and_the_others_cut_their_logs() -> None:
    lab = Lab()
    behind(lab)

    lab.cluster.elect(ORDERS, ElectionKind.UNCLEAN)
    assert last_election(lab) == (3, True)
    state = lab.cluster.controller.replication.state_of(ORDERS)
    assert (state.isr, state.eligible_leader_replicas) == ((3,), ())
    for broker in (1, 2):
        lab.cluster.restart(broker)
    lab.settle()

    assert lab.client.read() == [b"everybody has"]
    assert {event.broker for event in lab.events(LogTruncated, to_offset=1)} == {1, 2}


def test_an_unclean_election_takes_somebody_eligible_where_there_is_one() -> None:
    lab = Lab(TopicConfig("orders", replicas=((2, 1, 3),)))
    behind(lab)
    lab.cluster.controller.metadata.put(
        lab.cluster.controller.metadata.partitions[ORDERS].__class__(ORDERS, (2, 1, 3), -1, 3, (), (3,), 2, 9)
    )

    lab.cluster.elect(ORDERS, ElectionKind.UNCLEAN)

    assert last_election(lab) == (3, False)


@pytest.mark.parametrize("kind", list(ElectionKind))
def test_where_the_wanted_leader_leads_an_election_is_not_needed(kind: ElectionKind) -> None:
    with pytest.raises(ValueError, match="ELECTION_NOT_NEEDED: orders-0 is led by broker 1"):
        Lab().cluster.elect(ORDERS, kind)


def test_where_nobody_is_alive_nobody_is_elected() -> None:
    lab = Lab()
    for broker in (1, 2, 3):
        lab.cluster.crash(broker)
    lab.run(12)

    with pytest.raises(ValueError, match="ELIGIBLE_LEADERS_NOT_AVAILABLE"):
        lab.cluster.elect(ORDERS, ElectionKind.UNCLEAN)


def test_the_preferred_leader_leads_again_when_somebody_asks() -> None:
    lab = Lab()
    lab.cluster.move_leader(ORDERS, 3)

    lab.cluster.elect(ORDERS, ElectionKind.PREFERRED)

    assert last_election(lab) == (1, False)


@pytest.mark.parametrize("why", ["out of sync", "about to stop"])
def test_a_preferred_leader_that_is_not_in_sync_or_not_in_service_does_not_lead(why: str) -> None:
    lab = Lab()
    if why == "out of sync":
        lab.cluster.move_leader(ORDERS, 2)
        lab.run(0.1)
        lab.cluster.shrink_isr(ORDERS, (1,), 10 * SECOND_US)
    else:
        lab.cluster.stop(1)
    lab.run(0.2)

    with pytest.raises(ValueError, match="PREFERRED_LEADER_NOT_AVAILABLE"):
        lab.cluster.elect(ORDERS, ElectionKind.PREFERRED)
    assert lab.cluster.leader_of(ORDERS) == 2


def test_an_unknown_partition_is_refused() -> None:
    with pytest.raises(ValueError, match="partition orders-7 does not exist"):
        Lab().cluster.elect(ORDERS._replace(partition=7), ElectionKind.UNCLEAN)


# -- from time to time -------------------------------------------------------------------------------------------------


def moved_away(*, enabled: bool) -> Lab:
    lab = Lab(auto_leader_rebalance=enabled, leader_imbalance_check_interval_us=20 * SECOND_US)
    lab.cluster.move_leader(ORDERS, 2)
    return lab


def test_a_leader_is_given_back_with_the_next_look() -> None:
    lab = moved_away(enabled=True)

    elected = lab.run_to(LeaderElected, leader=1)

    assert elected.at_us == 20 * SECOND_US
    assert not elected.is_unclean


def test_without_it_a_leader_stays_where_it_is() -> None:
    lab = moved_away(enabled=False)
    lab.run(700)

    assert lab.cluster.leader_of(ORDERS) == 2


def test_the_next_look_is_five_minutes_away_by_default() -> None:
    lab = Lab()
    lab.cluster.move_leader(ORDERS, 2)
    lab.run(290)
    assert lab.cluster.leader_of(ORDERS) == 2
    lab.run(15)
    assert lab.cluster.leader_of(ORDERS) == 1


def test_who_is_out_of_sync_is_given_nothing_until_a_look_finds_it_in_sync() -> None:
    lab = moved_away(enabled=True)
    lab.run(0.1)
    lab.cluster.shrink_isr(ORDERS, (1,), 25 * SECOND_US)

    elected = lab.run_to(LeaderElected, leader=1)

    assert elected.at_us == 40 * SECOND_US


def test_the_story_of_the_returning_leader_has_it_return() -> None:
    leaders = [
        event.leader for event in run(load("preferred_leaders_return")).trace if isinstance(event, LeaderElected)
    ]

    assert leaders[-1] == 1
    assert 1 not in leaders[3:-1]


# -- unclean elections that are allowed --------------------------------------------------------------------------------


@pytest.mark.parametrize("allowed", [False, True])
@pytest.mark.parametrize("for_all", [False, True])
def test_a_topic_says_for_itself_whether_anybody_may_lead(*, allowed: bool, for_all: bool) -> None:
    lab = Lab(TopicConfig("orders", unclean_leader_election=allowed), unclean_leader_election=for_all)
    lab.client.produce(b"everybody has")
    lab.cluster.crash(3)
    lab.run_to(BrokerFenced, broker=3)
    lab.cluster.crash(1)
    lab.cluster.crash(2)
    lab.run(12)
    lab.cluster.restart(3)
    lab.run_to(BrokerUnfenced, broker=3)

    assert lab.cluster.leader_of(ORDERS) == (3 if allowed else -1)


@pytest.mark.parametrize("whose", ["the topic's", "all brokers'"])
def test_allowed_by_an_alteration_somebody_leads_with_the_next_look(whose: str) -> None:
    # Apache Kafka 4.3.1 with a look every 6 s: after 4.6 s.
    lab = Lab(unclean_leader_election_interval_us=60 * SECOND_US)
    behind(lab)

    if whose == "the topic's":
        lab.cluster.alter_topic("orders", "unclean.leader.election.enable", "true")
    else:
        lab.cluster.alter_broker(None, "unclean.leader.election.enable", "true")
    lab.run(1)
    assert lab.cluster.leader_of(ORDERS) == -1
    elected = lab.run_to(LeaderElected, leader=3)

    assert elected.at_us == MINUTE_US
    assert elected.is_unclean


def test_allowed_for_one_broker_nobody_leads() -> None:
    lab = Lab(unclean_leader_election_interval_us=60 * SECOND_US)
    behind(lab)

    lab.cluster.alter_broker(3, "unclean.leader.election.enable", "true")
    lab.run(130)

    assert lab.cluster.leader_of(ORDERS) == -1
