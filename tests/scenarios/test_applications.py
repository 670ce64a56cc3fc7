"""What the stories of several applications, of lives, topics and records written out tell beyond their verdicts."""

from collections import Counter

from producer.errors import Code
from producer.events import BatchSent
from sim.judges.report import Report
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import FaultInjected, RecordAcknowledged, RecordFailed, RecordRead, RecordSent, RecordSentAgain
from sim.world.units import SECOND_US


def read_values(report: Report) -> Counter[bytes | None]:
    return Counter(event.value for event in report.trace if isinstance(event, RecordRead))


def there_twice(report: Report) -> list[bytes | None]:
    return [value for value, count in read_values(report).items() if count > 1]


def test_the_crash_takes_the_records_of_the_application_that_waits_for_nobody() -> None:
    lost = run(load("two_applications")).verdict("lost").findings

    assert {finding.client for finding in lost} == {"metrics"}
    assert len(lost) == 10


def test_with_acks_all_for_both_nothing_is_lost() -> None:
    report = run(load("two_applications"), properties={"metrics:acks": "all"})

    assert report.exit_code == 0
    assert report.counts.acknowledged == report.counts.read == 40


def test_what_the_dead_one_had_handed_over_is_there_twice_and_nothing_is_missing() -> None:
    report = run(load("application_restarts"))

    again = [event for event in report.trace if isinstance(event, RecordSentAgain)]
    assert len(again) == len(there_twice(report)) == 1
    assert set(read_values(report)) == {b"value-%d" % number for number in range(30)}
    assert report.verdict("duplicated").findings == ()


def test_zombie_and_replacement_write_the_same_values_under_two_producer_ids() -> None:
    report = run(load("zombie_application"))

    ids = {event.client: event.producer_id for event in report.trace if isinstance(event, BatchSent)}
    assert ids.keys() == {"billing", "billing.2"}
    assert ids["billing"] != ids["billing.2"]
    by_replacement = [
        event.value for event in report.trace if isinstance(event, RecordSent) and event.client == "billing.2"
    ]
    assert 5 < len(by_replacement) < 16
    assert set(there_twice(report)) == set(by_replacement)


def test_an_unknown_fate_that_is_taken_for_a_failure_is_there_twice() -> None:
    report = run(load("resend_on_error"))

    failed = [event for event in report.trace if isinstance(event, RecordFailed)]
    assert {event.outcome for event in failed} == {"unknown"}
    assert len([event for event in report.trace if isinstance(event, RecordSentAgain)]) == len(failed)
    assert len(there_twice(report)) == 1


def test_left_to_the_producer_s_own_retries_each_value_is_there_once() -> None:
    report = run(load("resend_on_error"), properties={"delivery.timeout.ms": "30000"})

    assert report.exit_code == 0
    assert there_twice(report) == []
    assert report.counts.sent == report.counts.acknowledged == 30


def longest_wait_us(report: Report, topic: str) -> int:
    sent = {event.record: event.at_us for event in report.trace if isinstance(event, RecordSent)}
    (struck,) = [event.at_us for event in report.trace if isinstance(event, FaultInjected)]
    acknowledged = [event for event in report.trace if isinstance(event, RecordAcknowledged) and event.topic == topic]
    return max(event.at_us - sent[event.record] for event in acknowledged if sent[event.record] > struck)


def test_a_topic_that_cannot_be_written_holds_nobody_else_up_while_there_is_memory() -> None:
    report = run(load("several_topics"))

    assert longest_wait_us(report, "audit") > 2 * SECOND_US
    assert longest_wait_us(report, "orders") < 50_000


def test_with_little_memory_everything_waits_for_the_topic_that_cannot_be_written() -> None:
    report = run(load("several_topics"), properties={"buffer.memory": "32768"})

    assert report.exit_code == 0
    assert longest_wait_us(report, "orders") > SECOND_US


def test_partitions_chosen_by_hand_are_even_and_each_of_them_is_in_order() -> None:
    report = run(load("explicit_partitions"))

    (topic,) = report.as_json()["topics"]
    assert [partition["records"] for partition in topic["partitions"]] == [30, 30]
    assert report.verdict("reordered").findings == ()


def test_records_from_the_future_fail_and_with_them_whoever_shares_their_batch() -> None:
    report = run(load("event_time_ahead"))

    failed = {event.record: event for event in report.trace if isinstance(event, RecordFailed)}
    roofs = set(range(3, 31, 3))
    assert roofs < failed.keys()
    assert {event.outcome for event in failed.values()} == {"failed"}


def test_records_in_batches_of_their_own_fail_alone() -> None:
    report = run(load("event_time_ahead"), properties={"batch.size": "0"})

    failed = {event.record: event.code for event in report.trace if isinstance(event, RecordFailed)}
    assert failed == dict.fromkeys(range(3, 31, 3), int(Code.INVALID_TIMESTAMP))


def test_after_a_clean_handover_each_value_is_there_once_and_in_order() -> None:
    report = run(load("application_handover"))

    read = [event.value for event in report.trace if isinstance(event, RecordRead)]
    assert read == [b"value-%d" % number for number in range(30)]
    assert {one.client for one in report.clients} == {"billing", "billing.2"}
    assert report.counts.acknowledged == report.counts.sent == 30


def test_who_starts_while_nobody_leads_is_patient_and_loses_nothing() -> None:
    report = run(load("application_starts_in_a_crash"))

    first = next(
        event.at_us for event in report.trace if isinstance(event, RecordAcknowledged) and event.client == "newcomer"
    )
    began = next(event.at_us for event in report.trace if isinstance(event, RecordSent) and event.client == "newcomer")
    assert first - began > 5 * SECOND_US
    assert report.counts.acknowledged == 30


def test_who_starts_while_nobody_leads_without_patience_writes_nothing() -> None:
    hasty = {"newcomer:delivery.timeout.ms": "5000", "newcomer:request.timeout.ms": "3000"}

    report = run(load("application_starts_in_a_crash"), properties=hasty)

    assert {one.client: (one.acknowledged, one.failed) for one in report.clients} == {
        "billing": (10, 0),
        "newcomer": (0, 20),
    }
    assert report.exit_code == 0


def test_a_job_that_runs_again_leaves_twice_what_it_had_handed_over() -> None:
    report = run(load("job_runs_again"))

    assert set(there_twice(report)) <= {b"value-%d" % number for number in range(20)}
    assert len(there_twice(report)) > 10
    assert set(read_values(report)) == {b"value-%d" % number for number in range(30)}
