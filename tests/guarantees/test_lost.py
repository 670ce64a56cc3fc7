"""An acknowledged record stays in the log; the judge says so only when it does."""

from sim.judges.guarantees import Moment, Replica, State
from tests.guarantees.written import WrittenTrace


def leader_dies_after_the_acknowledgement() -> WrittenTrace:
    """b1 alone has record 2 when it dies; b2 is elected without it."""
    trace = WrittenTrace().write(1, at=0)
    trace.send(2)
    trace.append(trace.request(trace.batch(2)), at=1).acknowledge(2, at=1)
    return trace.elect(2, epoch=1).truncate(1, to=1, end=2)


def test_record_that_only_a_dead_leader_had_is_lost() -> None:
    verdict = leader_dies_after_the_acknowledgement().end().judged("lost")

    assert verdict.state is State.VIOLATED
    assert verdict.checked == 2
    (finding,) = verdict.findings
    assert (finding.record, finding.key, finding.topic, finding.partition) == (2, b"k", "orders", 0)
    assert finding.replicas == (Replica(1, 1, "truncated"), Replica(2, -1, "never had"), Replica(3, -1, "never had"))


def test_finding_names_the_events_that_matter_in_their_order() -> None:
    trace = leader_dies_after_the_acknowledgement().end()

    (finding,) = trace.judged("lost").findings

    assert [moment.role for moment in finding.moments] == [
        "send", "request", "append", "acknowledgement", "election", "truncation",
    ]  # fmt: skip
    names = [type(trace.events[moment.event]).__name__ for moment in finding.moments]
    assert names == ["RecordSent", "BatchSent", "BatchAppended", "RecordAcknowledged", "LeaderElected", "LogTruncated"]
    assert isinstance(finding.moments[0], Moment)


def test_finding_names_producer_and_sequence() -> None:
    trace = WrittenTrace().send(1, 2)
    request = trace.request(trace.batch(1, 2), count=2, sequence=40)
    trace.append(request, at=0, count=2).acknowledge(1, at=0).acknowledge(2, at=1)
    trace.elect(2, epoch=1).truncate(1, to=0, end=2).end()

    first, second = trace.judged("lost").findings

    assert (first.producer_id, first.producer_epoch, first.sequence) == (7, 0, 40)
    assert second.sequence == 41


def test_sequence_of_a_finding_wraps_after_the_largest_int() -> None:
    trace = WrittenTrace().send(1, 2)
    request = trace.request(trace.batch(1, 2), count=2, sequence=2**31 - 1)
    trace.append(request, at=0, count=2).acknowledge(1, at=0).acknowledge(2, at=1)
    trace.elect(2, epoch=1).truncate(1, to=0, end=2).end()

    assert [finding.sequence for finding in trace.judged("lost").findings] == [2**31 - 1, 0]


def test_record_that_the_new_leader_copied_is_not_lost() -> None:
    trace = WrittenTrace().write(1, at=0)
    trace.send(2)
    trace.append(trace.request(trace.batch(2)), at=1).acknowledge(2, at=1)
    trace.replicate(2, at=1).elect(2, epoch=1).replicate(3, at=1).commit(2).end()

    assert trace.state("lost") is State.HOLDS


def test_record_of_unknown_outcome_cannot_be_lost() -> None:
    trace = WrittenTrace().send(1)
    trace.append(trace.request(trace.batch(1)), at=0).fail(1, outcome="unknown", code=7)
    trace.elect(2, epoch=1).truncate(1, to=0, end=1).end()

    assert trace.state("lost") is State.HOLDS


def test_record_acknowledged_without_asking_and_never_appended_is_lost() -> None:
    trace = WrittenTrace().send(1)
    trace.request(trace.batch(1))
    trace.acknowledge(1, at=-1).end()

    verdict = trace.judged("lost")

    assert verdict.state is State.VIOLATED
    assert "acks=0" in verdict.findings[0].what


def test_record_whose_offset_another_one_took_is_lost() -> None:
    trace = leader_dies_after_the_acknowledgement().send(3)
    trace.append(trace.request(trace.batch(3)), at=1, broker=2, epoch=1)
    trace.replicate(1, 3, at=1, epoch=1).commit(2).acknowledge(3, at=1).end()

    assert [finding.record for finding in trace.judged("lost").findings] == [2]


def test_record_above_the_high_watermark_is_lost_once_the_cluster_is_settled() -> None:
    trace = WrittenTrace().send(1)
    trace.append(trace.request(trace.batch(1)), at=0).acknowledge(1, at=0).end()

    assert trace.state("lost") is State.VIOLATED


def test_unsettled_run_is_inconclusive_while_any_log_holds_the_record() -> None:
    trace = WrittenTrace().write(1, at=0)
    trace.send(2)
    trace.append(trace.request(trace.batch(2)), at=1).acknowledge(2, at=1).elect(-1, epoch=1).end(is_settled=False)

    assert trace.state("lost") is State.INCONCLUSIVE


def test_unsettled_run_is_violated_when_no_log_holds_the_record() -> None:
    trace = leader_dies_after_the_acknowledgement().end(is_settled=False)

    assert trace.state("lost") is State.VIOLATED


def test_trace_that_breaks_off_is_inconclusive() -> None:
    assert WrittenTrace().write(1, at=0).state("lost") is State.INCONCLUSIVE


def test_truncation_inside_a_batch_loses_only_its_end() -> None:
    trace = WrittenTrace().write(1, 2, 3, at=0)
    for broker in (1, 2, 3):
        trace.truncate(broker, to=2, end=3)
    trace.end()

    (finding,) = trace.judged("lost").findings
    assert finding.record == 3
    assert [(replica.offset, replica.state) for replica in finding.replicas] == [(2, "truncated")] * 3


def test_record_that_is_corrupt_on_every_disk_is_lost_and_one_whole_copy_keeps_it() -> None:
    corrupt = WrittenTrace().write(1, at=0).flip(1, 2, at=0)
    assert corrupt.end().state("lost") is State.HOLDS

    (finding,) = WrittenTrace().write(1, at=0).flip(1, 2, 3, at=0).end().judged("lost").findings

    assert finding.what == "acknowledged at offset 0, and now corrupt on every disk that has it"
    assert [moment.role for moment in finding.moments].count("bit flipped") == 3
