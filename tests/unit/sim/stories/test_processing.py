"""An application that reads, processes and writes: once whatever happens with a transactional.id, at least once without one."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from sim.faults.points import transaction_began
from sim.faults.words import after, at
from sim.judges.report import Report
from sim.stories.applications import Application
from sim.stories.processing import Processing
from sim.stories.runner import run
from sim.stories.scenario import ClusterConfig, InvalidScenarioError, Phase, Scenario, TopicConfig, Workload, load
from sim.trace.events import (
    CommitAnswered,
    GroupMemberLeft,
    OffsetsGiven,
    PartitionGivenUp,
    ReaderIsolated,
    RecordDerived,
    RecordRead,
    RecordSent,
    TransactionBegan,
    TransactionEnded,
)
from sim.world.units import SECOND_US
from tests.unit.sim.stories.cast import told

SHOP = Application(name="shop", workload=Workload(records=20, phases=(Phase(every_us=200_000),)))
WORDS = Processing(work_us=30_000)
BILLING = Application(name="billing", producer={"transactional.id": "billing"}, processing=WORDS)
PLAIN = replace(BILLING, producer={})
STORY = Scenario(
    name="billing",
    question="Is each order billed once?",
    cluster=ClusterConfig(
        topics=(TopicConfig("orders", partitions=2), TopicConfig("invoices", partitions=2)),
        transaction_state_partitions=1,
        offsets_topic_partitions=1,
    ),
    applications=(SHOP, BILLING),
    readers=(at(0).read("invoices", isolation="read_committed", name="audit"),),
)


def played(*cast: Application, shop: Application = SHOP, schedule: tuple[Any, ...] = (), **changes: Any) -> Report:
    return run(replace(STORY, applications=(shop, *cast), schedule=schedule, **changes))


def invoices(report: Report) -> Counter[bytes | None]:
    return Counter(event.value for event in told(report, RecordRead) if event.client == "audit")


def once(records: int = 20) -> Counter[bytes | None]:
    return Counter(b"1 of value-%d" % number for number in range(records))


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_each_record_is_processed_once_and_positions_count_with_what_was_made(protocol: Any, version: int) -> None:
    billing = replace(BILLING, processing=replace(WORDS, protocol=protocol))

    report = played(billing, cluster=replace(STORY.cluster, transaction_version=version))

    assert invoices(report) == once()
    assert report.exit_code == 0
    assert not told(report, CommitAnswered)
    given = {
        (topic, partition): offset
        for event in told(report, OffsetsGiven)
        for topic, partition, offset in event.positions
    }
    assert sum(given.values()) == 20
    assert [event.client for event in told(report, ReaderIsolated)] == ["audit", "billing"]


def test_what_it_makes_is_under_the_key_of_what_it_was_made_of_and_so_many_parts_of_each() -> None:
    report = played(replace(BILLING, processing=replace(WORDS, parts=2)))

    read = {(event.partition, event.offset): event.key for event in told(report, RecordRead) if event.topic == "orders"}
    sent = {event.record: event for event in told(report, RecordSent) if event.client == "billing"}
    derived = told(report, RecordDerived)
    assert Counter(event.part for event in derived) == {1: 20, 2: 20}
    assert all(sent[event.record].key == read[event.partition, event.offset] for event in derived)
    assert set(invoices(report).values()) == {1}


def test_a_transaction_has_what_one_poll_gives_at_most() -> None:
    report = played(replace(BILLING, processing=replace(WORDS, records_max=3)))

    of_each = Counter(
        sum(began.at_us <= event.at_us for began in told(report, TransactionBegan))
        for event in told(report, RecordDerived)
    )
    assert 1 < max(of_each.values()) <= 3


KILLED = (after(transaction_began(2, by="billing")).wait(40_000).kill("billing"), at(9 * SECOND_US).restart("billing"))
ZOMBIE = (
    after(transaction_began(2, by="billing")).wait(40_000).pause("billing"),
    after(transaction_began(2, by="billing")).wait(SECOND_US).replace("billing"),
    after(transaction_began(2, by="billing")).wait(2 * SECOND_US).resume("billing.1"),
)
STOPPED = (
    after(transaction_began(2, by="billing")).wait(40_000).stop("billing"),
    at(9 * SECOND_US).restart("billing"),
)
COORDINATOR = (after(transaction_began(2, by="billing")).crash("coordinator(processors)"),)


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(
    "schedule", [KILLED, ZOMBIE, STOPPED, COORDINATOR], ids=["killed", "zombie", "stopped", "crash"]
)
def test_with_a_transactional_id_each_record_is_processed_once_whatever_happens(schedule: Any, version: int) -> None:
    report = played(BILLING, schedule=schedule, cluster=replace(STORY.cluster, transaction_version=version))

    assert invoices(report) == once()
    assert report.exit_code == 0
    assert not report.refused


def test_who_was_killed_amid_a_transaction_leaves_it_to_be_aborted_and_its_next_life_makes_all_of_it_again() -> None:
    report = played(BILLING, schedule=KILLED)

    everything = Counter(
        event.value for event in told(report, RecordRead) if event.client == "consumer-1" and event.topic == "invoices"
    )
    assert max(everything.values()) == 2
    assert [event.client for event in told(report, TransactionEnded)].count("billing.2") > 0


def test_without_a_transactional_id_positions_are_committed_behind_what_was_made() -> None:
    report = played(PLAIN)

    assert invoices(report) == once()
    assert told(report, CommitAnswered)
    assert not told(report, OffsetsGiven)
    assert report.exit_code == 0


def test_without_a_transactional_id_a_death_before_the_commit_makes_it_twice() -> None:
    report = played(PLAIN, schedule=KILLED)

    assert set(invoices(report)) == set(once())
    assert [verdict.guarantee for verdict in report.violated] == ["torn", "exactly once"]


def test_several_share_the_partitions_and_nobody_gives_up_what_it_works_on() -> None:
    second = replace(BILLING, name="second", producer={"transactional.id": "second"}, starts_after_us=4 * SECOND_US)

    long = replace(SHOP, workload=replace(SHOP.workload, records=60))
    report = played(BILLING, second, shop=long)

    working = {(event.client, event.transaction): event.at_us for event in told(report, TransactionBegan)}
    ended = {(event.client, event.transaction): event.at_us for event in told(report, TransactionEnded)}
    revoked = [event for event in told(report, PartitionGivenUp) if event.why == "revoked"]
    assert revoked
    assert not [
        event
        for event in revoked
        for one, began_us in working.items()
        if one[0] == event.client and began_us < event.at_us < ended[one]
    ]
    assert {event.client for event in told(report, RecordDerived)} == {"billing", "second"}
    assert invoices(report) == once(60)
    assert report.exit_code == 0


def test_who_is_asked_to_stop_leaves_its_group() -> None:
    report = played(BILLING, schedule=STOPPED)

    assert [event.client for event in told(report, GroupMemberLeft)] == ["billing"]


def test_what_it_reads_must_be_there(tmp_path: Any) -> None:
    path = tmp_path / "mine.py"
    path.write_text(
        "from sim import *\n"
        "SCENARIO = Scenario(name='mine', question='?', cluster=ClusterConfig(topics=(TopicConfig('orders'),)),\n"
        "    applications=(Application(name='shop'), Application(name='billing', processing=Processing())))\n"
    )

    with pytest.raises(InvalidScenarioError, match="billing's workload names topic 'invoices', topics are orders"):
        load(str(path))


@pytest.mark.parametrize(
    "words, complaint",
    [
        ({"topic": "invoices"}, "Processing.topic and Processing.to are both 'invoices'"),
        ({"group": ""}, "Processing.group is empty"),
        ({"protocol": "share"}, "Processing.protocol is 'share', must be one of classic, consumer"),
        ({"isolation": "serializable"}, "Processing.isolation is 'serializable'"),
        ({"records_max": 0}, "Processing.records_max is 0, must be a whole number, and at least 1"),
        ({"work_us": -1}, "Processing.work_us is -1"),
    ],
)
def test_words_that_cannot_be_are_refused(words: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Processing(**words)


def test_who_processes_has_no_workload_and_somebody_must_have_one() -> None:
    with pytest.raises(ValueError, match="billing has processing: it sends what it makes"):
        replace(BILLING, workload=Workload(records=3))
    with pytest.raises(ValueError, match="none with a workload, so there is nothing to be processed"):
        replace(STORY, applications=(BILLING,))
