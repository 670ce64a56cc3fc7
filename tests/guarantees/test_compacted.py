"""What a later record of its key makes old may go, and a tombstone after its time: nothing else; and who reads passes over gaps."""

from __future__ import annotations

import pytest

from producer.records import TopicPartition
from sim.cluster.broker.partition import Partition
from sim.cluster.broker.partition_log import PartitionLog
from sim.cluster.broker.surroundings import Surroundings
from sim.cluster.topic_config import TopicConfig
from sim.faults.schedule import parse_entry
from sim.judges.guarantees import GUARANTEES, Ledger
from sim.judges.verdict import State
from sim.mutants import MUTANTS, Mutant
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.stories.workload import KeyValue
from tests.builds import pure_only
from tests.guarantees.written import CRC, WrittenTrace


class _Trusting(PartitionLog):
    """Takes all that it holds for what stays in it."""

    @property
    def last_stable_offset(self) -> int:
        return self.end_offset


class _Trustful(Partition):
    def __init__(self, broker: Surroundings, tp: TopicPartition, config: TopicConfig, log: PartitionLog) -> None:
        trusting = _Trusting(
            log.file, high_watermark=log.high_watermark, directory=log.directory, start_offset=log.start_offset
        )
        super().__init__(broker, tp, config, trusting)


STORY = "last_value_of_each_key"
ALL = (1, 2, 3)


def broken(trace: WrittenTrace) -> dict[str, list[int]]:
    ledger = Ledger(trace.events)
    verdicts = {name: guarantee.judge(ledger) for name, guarantee in GUARANTEES.items()}
    return {
        name: [finding.record for finding in verdict.findings]
        for name, verdict in verdicts.items()
        if verdict.state is State.VIOLATED
    }


def test_a_record_whose_key_has_a_later_one_is_not_lost_and_is_counted() -> None:
    trace = WrittenTrace().write(1, at=0).write(2, at=1).write(3, at=2, key=b"other")
    trace.clean(*ALL, to=2, left={1: CRC}, removed=(0,)).begin_reading().read(2, at=1).read(3, at=2, key=b"other")
    trace.end_reading(3).end()

    assert broken(trace) == {}
    assert Ledger(trace.events).retired == {("producer-1", 1)}


def test_the_last_record_of_a_key_is_lost_if_a_cleaner_takes_it() -> None:
    trace = WrittenTrace().write(1, at=0).write(2, at=1).write(3, at=2, key=b"other")

    trace.clean(*ALL, to=2, left={}, removed=(0, 1)).end()

    assert broken(trace)["lost"] == [2]


def test_what_is_not_committed_makes_nothing_old() -> None:
    trace = WrittenTrace().write(1, at=0)
    trace.send(2)
    trace.append(trace.request(trace.batch(2)), at=1)

    trace.clean(*ALL, to=1, left={}, removed=(0,)).end()

    assert broken(trace)["lost"] == [1]


@pytest.mark.parametrize("comes_by_first", [False, True])
def test_a_tombstone_may_go_when_a_cleaner_comes_by_it_a_second_time(comes_by_first: bool) -> None:
    trace = WrittenTrace().write(1, at=0, is_tombstone=True).write(2, at=1, key=b"other")
    if comes_by_first:
        trace.clean(1, to=1, left={0: CRC + 1}, removed=())

    trace.clean(*ALL, to=1, left={}, removed=(0,)).end()

    assert broken(trace).get("lost", []) == ([] if comes_by_first else [1])


def test_a_follower_that_copies_what_a_cleaner_left_of_a_batch_copies_its_leader() -> None:
    trace = WrittenTrace().send(1, 2)
    request = trace.request(trace.batch(1, 2), count=2)
    trace.append(request, at=0, count=2).replicate(2, at=0, count=2).commit(2, brokers=(1, 2))
    trace.acknowledge(1, at=0).acknowledge(2, at=1)
    trace.clean(1, to=2, left={0: CRC + 1}, removed=(0,))

    trace.replicate(3, at=0, count=2, crc=CRC + 1).commit(2, brokers=(3,)).end()

    assert broken(trace) == {}
    trace.events[-3] = trace.events[-3]._replace(crc=CRC + 2)
    assert broken(trace) == {"misrouted": [-1]}


def test_what_a_leader_had_no_longer_nobody_missed_though_another_has_it_yet() -> None:
    trace = WrittenTrace().write(1, at=0).write(2, at=1).clean(1, to=1, left={}, removed=(0,))
    trace.begin_reading().read(2, at=1).end_reading(2)

    # The next leader has cleaned nothing.
    trace.elect(2, epoch=1).end()

    assert broken(trace) == {}


def test_what_a_cleaner_took_after_a_reader_had_passed_over_it_was_missed() -> None:
    trace = WrittenTrace().write(1, at=0).write(2, at=1).begin_reading().read(2, at=1).end_reading(2)

    trace.clean(1, to=1, left={}, removed=(0,)).elect(2, epoch=1).end()

    assert broken(trace) == {"unread": [1]}


@pytest.mark.parametrize(("position", "missed"), [(3, {}), (2, {"unread": [3]})])
def test_who_stops_behind_a_gap_missed_nothing_and_who_stops_before_it_never_came_to_it(
    position: int, missed: dict[str, list[int]]
) -> None:
    trace = WrittenTrace().write(1, at=0).write(2, at=1, key=b"other").write(3, at=2, key=b"third")
    again = trace.send(4, key=b"third").request(trace.batch(4))
    trace.append(again, at=3).replicate(2, 3, at=3).commit(4).acknowledge(4, at=3)
    trace.clean(1, to=3, left={0: CRC, 1: CRC}, removed=(2,)).begin_reading().read(1, at=0)
    trace.read(2, at=1, key=b"other").end_reading(position)

    # The next leader has no gap, and lost what came last.
    trace.elect(2, epoch=1).truncate(2, to=3, end=4).truncate(3, to=3, end=4).end()

    assert {name: found for name, found in broken(trace).items() if name == "unread"} == missed


def test_a_record_that_stood_twice_keeps_its_first_place_where_a_cleaner_took_it_from() -> None:
    trace = WrittenTrace().write(1, at=0).write(2, at=1, key=b"other")
    again = trace.request(1)
    trace.append(again, at=2).replicate(2, 3, at=2).commit(3)

    trace.clean(*ALL, to=1, left={}, removed=(0,)).end()

    # Twice no longer, and neither behind the other nor elsewhere than was told.
    assert broken(trace) == {}


def test_a_story_of_compaction_gives_the_last_value_of_every_key() -> None:
    report = run(load(STORY))

    assert report.exit_code == 0
    assert report.counts.retired > report.counts.sent // 3
    assert report.counts.read == report.counts.sent - report.counts.retired


def test_a_cleaner_that_takes_the_last_record_of_a_key_is_found_by_the_judge_and_by_the_invariant() -> None:
    # Of this key there is never another.
    records = [KeyValue(b"alone", b"1"), *(KeyValue(b"k%d" % (number % 4), b"x") for number in range(59))]

    sound = run(load(STORY), records=records)
    report = run(load(STORY), records=records, mutant=MUTANTS["cleaner_removes_the_last"])

    assert sound.exit_code == 0
    assert 1 in [finding.record for finding in report.verdict("lost").findings]
    assert report.verdict("lost").state is State.VIOLATED
    assert report.breach is not None
    assert (report.breach.invariant, "the last of key" in report.breach.what) == ("compaction", True)


@pure_only("a bug is made here")
def test_a_cleaner_that_goes_above_the_high_watermark_is_found_by_the_invariant() -> None:
    followers_stand_still = parse_entry("at 1s: pause followers(accounts-0)")

    bug = Mutant("cleans_uncommitted", "a cleaner goes on above the high watermark", partition=_Trustful)

    report = run(load(STORY), properties={"acks": "1"}, faults=(followers_stand_still,), mutant=bug)

    assert report.breach is not None
    assert (report.breach.invariant, "high watermark" in report.breach.what) == ("compaction", True)
