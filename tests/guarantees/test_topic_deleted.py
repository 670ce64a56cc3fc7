"""What goes with a topic that somebody deletes is not lost; what is sent afterwards is judged as ever."""

from dataclasses import replace

from sim.faults.schedule import parse_entry
from sim.judges.report import Report
from sim.judges.verdict import State
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import TopicDeleted
from tests.guarantees.written import WrittenTrace

STORY = load("topic_created_again")


def counted(report: Report) -> tuple[int, int, int, int]:
    counts = report.counts
    return counts.acknowledged, counts.failed, counts.read, counts.deleted


def test_records_deleted_with_their_topic_are_counted_and_nobody_calls_them_lost() -> None:
    report = run(STORY)

    assert counted(report) == (60, 0, 41, 19)
    assert report.verdict("lost").state is State.HOLDS
    assert report.verdict("lost").checked == 41
    assert report.as_json()["counts"]["deleted"] == 19


def test_without_the_second_topic_what_waits_for_it_fails_for_certain() -> None:
    report = run(replace(STORY, schedule=STORY.schedule[:1], duration_us_max=400_000_000))

    assert counted(report) == (19, 41, 0, 19)
    assert report.exit_code == 0


def test_what_the_second_topic_loses_is_lost() -> None:
    schedule = (
        *STORY.schedule,
        parse_entry("after RecordAcknowledged#40: pause followers(orders-0)"),
        parse_entry("after RecordAcknowledged#60 +100ms: crash leader(orders-0), wiped"),
    )

    report = run(replace(STORY, schedule=schedule, producer={"acks": "1"}))

    assert report.verdict("lost").state is State.VIOLATED
    # With acks=1 one more is acknowledged by a leader that has yet to learn of the deletion.
    assert report.counts.deleted == 20
    assert all(finding.record > 20 for finding in report.verdict("lost").findings)


def test_a_follower_that_copies_what_was_written_after_the_deletion_copies_its_leader() -> None:
    trace = WrittenTrace()
    trace._add(TopicDeleted(trace.now_us, "orders"))
    trace.send(1)
    # Both the leader and the follower have yet to learn of the deletion; meanwhile the next topic has its first batch.
    trace.append(trace.request(trace.batch(1)), at=0)
    trace.elect(1, epoch=0).append(1, at=0, crc=2, client="somebody else")
    trace.replicate(2, at=0)

    assert trace.end().judged("misrouted").findings == ()

    trace.replicate(3, at=0, crc=3)
    (finding,) = trace.judged("misrouted").findings
    assert finding.what.startswith("b3 holds other bytes of orders-0 offset 0 than its leader")


def test_what_was_fetched_before_the_deletion_is_what_lay_in_the_former_topic() -> None:
    trace = WrittenTrace().write(1, at=0).delete_topic().elect(1, epoch=0).write(2, at=0)
    trace.read(1, at=0, epoch=0).read(2, at=0, epoch=0).end()

    assert trace.state("misrouted") is State.HOLDS


def test_other_bytes_than_lay_in_either_topic_are_found() -> None:
    trace = WrittenTrace().write(1, at=0).delete_topic().elect(1, epoch=0).write(2, at=0)
    trace.read(2, at=0, epoch=0, value=b"other").end()

    (finding,) = trace.judged("misrouted").findings
    assert finding.record == 2


def test_without_a_deletion_the_last_append_is_what_is_read() -> None:
    trace = WrittenTrace().write(1, at=0).write(2, at=0).read(1, at=0, epoch=0).end()

    (finding,) = trace.judged("misrouted").findings
    assert finding.record == 2


def test_a_topic_that_is_not_there_leaves_a_run_open() -> None:
    report = run(STORY, faults=[parse_entry("after RecordSent#21: delete orders")])

    assert report.exit_code == 3
    assert [unstruck.text for unstruck in report.missed] == ["after RecordSent#21: delete orders"]
