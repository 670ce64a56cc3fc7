"""What a cluster may lose: which committed offsets, at which election, and why; and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from producer.records import TopicPartition
from sim.faults.schedule import parse_entry
from sim.judges.report import Report
from sim.stories.runner import run
from sim.stories.scenario import ClusterConfig, Phase, Scenario, TopicConfig, Workload, load
from sim.trace.events import LeaderElected, RecordAcknowledged

ORDERS = TopicPartition("orders", 0)
ONE_IN_SYNC = Scenario(
    name="one_in_sync",
    question="Which committed records may be lost?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", min_insync_replicas=1),)),
    workload=Workload(records=20, phases=(Phase(share=1), Phase(share=1, quiet_us=5_000_000))),
)
ALONE = (
    "after PhaseEnded#1 phase=1: shrink orders-0 by b2,b3 for 60s",
    "after PhaseEnded#1 phase=2 +1s: crash b1, wiped",
)


def told(*faults: str, **cluster: Any) -> Report:
    scenario = replace(
        ONE_IN_SYNC, cluster=replace(ONE_IN_SYNC.cluster, **cluster), schedule=tuple(map(parse_entry, faults))
    )
    return run(scenario, is_thorough=True)


@pytest.mark.parametrize(
    "cluster, faults, why",
    [
        ({"eligible_leader_replicas": True}, ALONE, "an unclean election"),
        ({"eligible_leader_replicas": False, "unclean_leader_election": True}, ALONE, "an unclean election"),
        (
            {"eligible_leader_replicas": False},
            ALONE,
            "the lost disk of the last member of the ISR, which stays a member without ELR,",
        ),
    ],
    ids=["last known leader", "unclean", "last member"],
)
def test_what_an_election_gives_up_is_named_with_its_reason(
    cluster: dict[str, bool], faults: tuple[str, ...], why: str
) -> None:
    report = told(*faults, **cluster)

    (given_up,) = report.given_up
    election = report.trace[given_up.event]
    last_told = max(event.offset for event in report.trace if type(event) is RecordAcknowledged)
    assert type(election) is LeaderElected
    assert given_up.tp == ORDERS
    assert given_up.to_offset == last_told + 1
    assert given_up.why == why
    lost = report.verdict("lost").findings
    assert len(lost) == given_up.to_offset - given_up.from_offset


RAISED = (
    "after BatchAppended#10 topic=orders partition=0: alter topic orders set min.insync.replicas=3",
    "after BatchAppended#10 topic=orders partition=0: cut b2 -> b1",
    "after BatchAppended#10 topic=orders partition=0: shrink orders-0 by b2 for 60s",
    "after BatchAppended#10 topic=orders partition=0 +8s: crash b1,b3",
)


def two_in_sync(*faults: str) -> Report:
    """A record every 500 us for 100 ms, each a batch."""
    scenario = Scenario(
        name="two_in_sync",
        question="Which committed records may be lost?",
        cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=1),)),
        producer={"linger.ms": "0"},
        workload=Workload(records=200, phases=(Phase(share=1), Phase(share=199, every_us=500))),
        schedule=tuple(map(parse_entry, faults)),
    )
    return run(scenario, is_thorough=True)


def test_what_a_leader_commits_before_it_hears_of_a_raised_minimum_may_go_with_an_eligible_replica() -> None:
    report = two_in_sync(*RAISED)

    (given_up,) = report.given_up
    election = report.trace[given_up.event]
    assert type(election) is LeaderElected
    assert (election.leader, election.is_unclean) == (2, False)
    assert given_up.why == (
        "an eligible replica that never had them (the leader had not heard yet of a raised min.insync.replicas)"
    )
    assert len(report.verdict("lost").findings) == given_up.to_offset - given_up.from_offset


def test_a_minimum_that_every_broker_has_heard_of_excuses_nothing() -> None:
    report = two_in_sync(
        "after BatchAppended#1 topic=orders partition=0: alter topic orders set min.insync.replicas=3", *RAISED[1:]
    )

    assert report.given_up == ()
    assert not report.verdict("lost").findings


def test_a_wiped_disk_of_one_of_three_gives_nothing_up() -> None:
    assert told("after PhaseEnded#1 phase=2 +1s: crash b1, wiped").given_up == ()


def test_what_a_later_leader_brings_back_is_committed_again_and_not_lost() -> None:
    report = told(
        "after PhaseEnded#1 phase=2 +10s: crash b2,b3",
        "after PhaseEnded#1 phase=2 +11s: crash b1, wiped",
        "after PhaseEnded#1 phase=2 +25s: restart b1",
        "after PhaseEnded#1 phase=2 +40s: crash b1",
        "after PhaseEnded#1 phase=2 +41s: restart b2",
        "after PhaseEnded#1 phase=2 +70s: restart b1,b3",
        eligible_leader_replicas=False,
        unclean_leader_election=True,
    )

    assert len(report.given_up) == 1
    assert not report.verdict("lost").findings


def test_what_was_never_committed_is_not_given_up() -> None:
    report = run(load("acks_one_leader_crash"))

    assert report.violated
    assert report.given_up == ()


def test_report_says_what_was_given_up() -> None:
    report = told(*ALONE)

    (given_up,) = report.as_json()["given_up"]
    assert json.loads(json.dumps(given_up))["tp"] == "orders-0"
    assert given_up["why"] == "an unclean election"
