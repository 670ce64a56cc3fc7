"""Stories of transactions end as they say for eight seeds, with KIP-890 and without, and lose their anomaly with any one of their faults."""

from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from producer.errors import Code
from sim.judges.report import Report
from sim.mutants.repeated_marker_refused import REPEATED_MARKER_REFUSED
from sim.stories.runner import run
from sim.stories.scenario import Scenario, load
from sim.trace.events import (
    CommitAnswered,
    HighWatermarkAdvanced,
    MarkerAppended,
    OffsetsGiven,
    PartitionGivenUp,
    ReaderEnded,
    RecordDerived,
    RecordFailed,
    RecordRead,
    RecordSent,
    TransactionEnded,
    TransactionRefused,
)

SEEDS = range(8)
V1, V2 = "+transaction_version=1", "+transaction_version=2"
VERIFIED = "+transaction_partition_verification=1"
AUDIT = "audit"
"""Who reads what is committed."""
EVERYBODY = "consumer-1"
"""Who reads everything back at the end."""

TORN_READ = {"torn", "aborted read"}
ENDINGS: dict[str, set[str]] = {
    f"transaction_is_not_torn{V1}": set(),
    f"transaction_is_not_torn{V2}": set(),
    "torn_multi_partition_write": {"torn"},
    "zombie_without_fencing": {"repeated"},
    f"zombie_fenced{V1}": set(),
    f"zombie_fenced{V2}": set(),
    "producer_restart_duplicate": {"repeated"},
    f"producer_restart_with_transactional_id{V1}": set(),
    f"producer_restart_with_transactional_id{V2}": set(),
    f"hanging_transaction_pins_lso{V1}": set(),
    f"hanging_transaction_pins_lso{V2}": set(),
    f"hanging_transaction_pins_lso{VERIFIED}": set(),
    f"delayed_end_txn{V1}": TORN_READ,
    f"delayed_end_txn{V2}": set(),
    f"late_produce_after_abort{V1}": TORN_READ,
    f"late_produce_after_abort{V2}": set(),
    f"late_produce_after_abort{VERIFIED}": set(),
    f"marker_response_lost{V1}": set(),
    f"marker_response_lost{V2}": set(),
    f"rebalance_without_group_metadata{V1}": {"exactly once"},
    f"rebalance_without_group_metadata{V2}": {"exactly once"},
    f"rebalance_with_group_metadata{V1}": set(),
    f"rebalance_with_group_metadata{V2}": set(),
}
"""A story, under one setting of its brokers where that matters -> the promises that it breaks."""


@cache
def told(name: str, seed: int = 0) -> Report:
    return run(load(name), seed)


def broken(report: Report) -> set[str]:
    return {verdict.guarantee for verdict in report.violated}


def given_to(reader: str, report: Report, topic: str = "orders") -> Counter[bytes | None]:
    events = [event for event in report.trace if isinstance(event, RecordRead)]
    return Counter(event.value for event in events if event.client == reader and event.topic == topic)


def without(scenario: Scenario, place: int) -> Scenario:
    schedule = scenario.schedule
    return replace(scenario, schedule=(*schedule[:place], *schedule[place + 1 :]))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ENDINGS)
def test_it_ends_as_it_says(name: str, seed: int) -> None:
    report = told(name, seed)

    assert broken(report) == ENDINGS[name]
    assert not report.stopped
    assert not report.unfired
    assert not report.refused
    assert report.is_settled


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", [name for name, ending in ENDINGS.items() if ending])
def test_without_any_one_of_its_faults_all_holds(name: str, seed: int) -> None:
    scenario = load(name)

    for place in range(len(scenario.schedule)):
        assert broken(run(without(scenario, place), seed)) == set()


# -- what each tells beyond that ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [V1, V2])
def test_half_a_transaction_is_in_the_log_and_given_to_nobody_who_reads_what_is_committed(kind: str) -> None:
    report = told(f"transaction_is_not_torn{kind}")

    values = [b"value-%d" % number for number in range(8)]
    assert given_to(AUDIT, report) == Counter(values)
    assert given_to(EVERYBODY, report) == Counter([*values, b"value-4"])


def test_without_a_transaction_half_of_what_belongs_together_counts() -> None:
    report = told("torn_multi_partition_write")

    (finding,) = report.verdict("torn").findings
    assert (finding.client, finding.record) == ("shop", 5)
    assert given_to(EVERYBODY, report) == Counter([b"value-%d" % number for number in range(5)])


@pytest.mark.parametrize("kind", [V1, V2])
def test_a_zombie_is_fenced_and_each_order_counts_once(kind: str) -> None:
    report = told(f"zombie_fenced{kind}")

    outcomes = [event for event in report.trace if isinstance(event, TransactionEnded) and event.client == "billing"]
    refused = [event for event in report.trace if isinstance(event, RecordFailed) and event.client == "billing"]
    assert outcomes[-1].outcome == "fenced"
    assert refused[0].code in (Code.INVALID_PRODUCER_EPOCH, Code.PRODUCER_FENCED)
    assert given_to(AUDIT, report) == Counter([b"value-%d" % number for number in range(20)])


def test_a_zombie_without_a_transactional_id_writes_all_that_its_successor_writes() -> None:
    report = told("zombie_without_fencing")

    again = {value for value, count in given_to(EVERYBODY, report).items() if count > 1}
    assert again == {
        event.value for event in report.trace if isinstance(event, RecordSent) and event.client == "billing.2"
    }


def test_a_restart_makes_a_duplicate_of_a_lost_answer() -> None:
    report = told("producer_restart_duplicate")

    read = given_to(EVERYBODY, report)
    assert read[b"value-5"] == 2
    assert set(read) == {b"value-%d" % number for number in range(8)}


@pytest.mark.parametrize("kind", [V1, V2])
def test_with_a_transactional_id_what_is_sent_again_after_a_restart_counts_once(kind: str) -> None:
    report = told(f"producer_restart_with_transactional_id{kind}")

    assert given_to(AUDIT, report) == Counter([b"value-%d" % number for number in range(8)])
    assert given_to(EVERYBODY, report)[b"value-5"] == 2


@pytest.mark.parametrize("kind, outcomes", [(V1, ["committed"]), (V2, [])])
def test_a_late_commit_ends_whatever_is_open_only_where_transactions_share_an_epoch(
    kind: str, outcomes: list[str]
) -> None:
    report = told(f"delayed_end_txn{kind}")

    last = [event.outcome for event in report.trace if isinstance(event, TransactionEnded)][-1]
    refused = [event.code for event in report.trace if isinstance(event, TransactionRefused) and event.api == "EndTxn"]
    assert last == "aborted"
    assert given_to(AUDIT, report)[b"second, for one"] == len(outcomes)
    assert bool(refused) is not bool(outcomes)


@pytest.mark.parametrize("kind, is_given", [(V1, True), (V2, False), (VERIFIED, False)])
def test_a_late_record_becomes_part_of_the_next_transaction_only_where_nobody_asks(kind: str, is_given: bool) -> None:
    report = told(f"late_produce_after_abort{kind}")

    ended = [event.outcome for event in report.trace if isinstance(event, TransactionEnded)]
    assert ended == ["committed", "failed", "aborted", "committed", "committed"]
    assert given_to(AUDIT, report)[b"second"] == is_given
    assert given_to(EVERYBODY, report)[b"second"] == is_given


def left_unread(report: Report) -> int:
    """How many offsets of the log lie behind where the reader of committed records came to a stand."""
    committed = [event.high_watermark for event in report.trace if isinstance(event, HighWatermarkAdvanced)
                 and event.topic == "orders"]  # fmt: skip
    (ended,) = [event for event in report.trace if isinstance(event, ReaderEnded) and event.client == AUDIT]
    return max(committed) - ended.position


@pytest.mark.parametrize("seed", SEEDS)
def test_a_transaction_that_nobody_knows_of_holds_readers_of_committed_records_back_for_ever(seed: int) -> None:
    report = told(f"hanging_transaction_pins_lso{V1}", seed)

    assert left_unread(report) > 0
    assert report.counts.acknowledged == 11
    assert report.virtual_us > 140_000_000


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", [V2, VERIFIED])
def test_nothing_holds_them_back_where_the_late_record_is_refused(kind: str, seed: int) -> None:
    assert left_unread(told(f"hanging_transaction_pins_lso{kind}", seed)) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_holds_them_back_where_no_record_is_late(seed: int) -> None:
    assert left_unread(run(without(load(f"hanging_transaction_pins_lso{V1}"), 0), seed)) == 0


@pytest.mark.parametrize("kind", [V1, V2])
def test_a_marker_without_an_answer_is_written_again_and_the_transaction_ends(kind: str) -> None:
    report = told(f"marker_response_lost{kind}")

    markers = Counter(
        event.partition for event in report.trace if isinstance(event, MarkerAppended) and event.topic == "orders"
    )
    assert [event.outcome for event in report.trace if isinstance(event, TransactionEnded)][-1] == "committed"
    assert markers == {0: 5, 1: 4}
    assert given_to(AUDIT, report) == Counter([b"value-%d" % number for number in range(8)])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_leader_that_refuses_a_marker_it_has_written_keeps_the_transaction_for_ever(seed: int) -> None:
    scenario = load("marker_response_lost")

    stuck = run(scenario, seed, mutant=REPEATED_MARKER_REFUSED)
    well = run(without(scenario, 0), seed, mutant=REPEATED_MARKER_REFUSED)

    def ended(report: Report) -> list[str]:
        events = {event.transaction: event for event in report.trace if isinstance(event, TransactionEnded)}
        return [event.outcome for event in events.values()]

    assert ended(stuck) == ["committed", "committed", "failed"]
    assert sum(given_to(AUDIT, stuck).values()) < 8
    assert ended(well) == ["committed"] * 4


def made_of(report: Report) -> dict[tuple[str, int], list[tuple[str, int]]]:
    """Input place -> the records that were made of it."""
    made: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for event in report.trace:
        if isinstance(event, RecordDerived):
            made.setdefault((f"{event.topic}-{event.partition}", event.offset), []).append((event.client, event.record))
    return made


@pytest.mark.parametrize("kind", [V1, V2])
def test_positions_without_group_metadata_are_taken_from_a_member_that_was_given_up(kind: str) -> None:
    report = told(f"rebalance_without_group_metadata{kind}")

    twice = {value: count for value, count in given_to(AUDIT, report, "invoices").items() if count > 1}
    assert set(twice.values()) == {2}
    assert len(twice) == len(report.verdict("exactly once").findings)
    ended = [event for event in report.trace if isinstance(event, TransactionEnded) and event.client == "billing-a"]
    assert {event.outcome for event in ended} == {"committed"}


@pytest.mark.parametrize("kind", [V1, V2])
def test_positions_with_group_metadata_are_refused_and_the_member_goes_on_after_an_abort(kind: str) -> None:
    report = told(f"rebalance_with_group_metadata{kind}")

    assert set(given_to(AUDIT, report, "invoices").values()) == {1}
    assert len(given_to(AUDIT, report, "invoices")) == 40
    ended = [event for event in report.trace if isinstance(event, TransactionEnded) and event.client == "billing-a"]
    (failed,) = [event for event in ended if event.outcome == "failed"]
    assert failed.code in (Code.UNKNOWN_MEMBER_ID, Code.ILLEGAL_GENERATION)
    assert ended[-1].outcome in ("aborted", "committed")
    assert max(len(made) for made in made_of(report).values()) == 2


@pytest.mark.parametrize("name", ["rebalance_without_group_metadata", "rebalance_with_group_metadata"])
def test_the_member_loses_its_partitions_while_it_stands_still_and_commits_nothing_by_itself(name: str) -> None:
    report = told(f"{name}{V2}")

    lost = [event for event in report.trace if isinstance(event, PartitionGivenUp) and event.why == "lost"]
    assert {event.client for event in lost} == {"billing-a"}
    assert not [event for event in report.trace if isinstance(event, CommitAnswered)]
    assert [event for event in report.trace if isinstance(event, OffsetsGiven)]
