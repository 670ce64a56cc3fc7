"""Two judges agree on small stories with every kind of fault; and they do not where one of them has a bug."""

from __future__ import annotations

import pytest

from producer.records import TopicPartition
from producer.wire.record_batch import BATCH_OVERHEAD, encode_batch
from sim.judges.guarantees import GUARANTEES
from sim.mutants import MUTANTS
from sim.trace.events import ReaderBegan, ReaderMoved, RecordAcknowledged, RecordFailed, RecordRead, RecordSent
from tests.builds import pure_only
from tests.second_judge.agreement import judged, judged_with
from tests.second_judge.bugs import BUGS
from tests.second_judge.detection import undetected
from tests.second_judge.disks import Line, agreed, decoded, mended
from tests.second_judge.judge import JUDGES, Evidence
from tests.second_judge.lies import Liar
from tests.second_judge.stories import small

RUNS = 150
"""Here; `make agree RUNS=20000` judges as many as one likes."""
BUGS_RUNS_MAX = 3_000
TELLING = (1, 13, 17, 21, 36, 56, 141, 181, 401, 416, 906)
"""Stories in each of which the oracle is wrong by one more of its planted bugs, of those from 0 on: looked at first, or the rarest
bug takes nine hundred. Where stories come out otherwise, the search goes on from 0; the test is slow then, and these want renewing."""
BUGS_MIN = 8
LATER_KINDS = ("compact",)
"""Kinds of faults that came later: with them the stories that are known by their numbers would be others."""

pytestmark = pure_only("a story names its records by methods that it replaces")


@pytest.mark.parametrize("begin", range(0, RUNS, 10))
def test_two_judges_agree(begin: int) -> None:
    assert [one for number in range(begin, begin + 10) for one in judged(number).differences()] == []


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(
            14_935, id="a deposed leader's own records are lost, though it dropped them as old with its leader's"
        ),
        pytest.param(15_639, id="a log cut before its own beginning joins its leader's where that begins"),
        pytest.param(16_026, id="so it does where the leader has more"),
        pytest.param(17_307, id="what was removed as old before its topic was deleted had been committed"),
        pytest.param(19_543, id="a log cut before its own beginning, the last in the ISR"),
    ],
)
def test_two_judges_agree_on_what_once_told_them_apart(number: int) -> None:
    assert judged(number, without=LATER_KINDS).differences() == []


def test_what_another_replica_removed_is_due_to_who_reads_from_one_that_has_it() -> None:
    # Story 165: two of three removed a record by size, and the third, elected uncleanly, gave it to a reader that withheld it.
    assert judged(165, seed=5).differences() == []


def test_a_cut_log_remembers_the_producers_of_what_it_removed_before_it_was_cleaned() -> None:
    # Story 3935: removed by size, cleaned behind that, and cut where nothing but the removed batches told of a producer.
    assert judged(3935).differences() == []


@pytest.mark.parametrize("number", [1, 4, 5, 7, 11, 20, 22])
def test_two_judges_agree_on_what_a_cleaner_takes_that_it_may_not(number: int) -> None:
    greedy = Liar("greedy cleaner", partition=MUTANTS["cleaner_removes_the_last"].partition)

    story = judged_with(small(number), greedy, breaks="compaction")

    assert story.second["lost"]
    assert story.differences() == []


def test_every_planted_bug_of_the_oracle_makes_the_judges_differ() -> None:
    assert len(BUGS) >= BUGS_MIN
    assert undetected(BUGS, (*TELLING, *range(BUGS_RUNS_MAX)), judged) == []


def test_every_promise_has_a_second_judge() -> None:
    # What members of groups are told, and what becomes of transactions, is judged a second time in rooms of their own.
    assert JUDGES.keys() == {name for name, guarantee in GUARANTEES.items() if guarantee.subject is None}


# -- the second judge itself -------------------------------------------------------------------------------------------

ORDERS = TopicPartition("orders", 0)


def sent(number: int) -> RecordSent:
    return RecordSent(number, "app", number, "orders", b"k", b"%d" % number, header(number))


def header(number: int) -> tuple[tuple[str, bytes | None], ...]:
    return (("sent by", b"app/%d" % number),)


def line(offset: int, number: int) -> Line:
    return Line(offset, 0, ("app", number), b"k", b"%d" % number, header(number), 0, 0)


def read(offset: int, number: int) -> RecordRead:
    return RecordRead(99, "reader", "orders", 0, offset, b"k", b"%d" % number, 0, header(number), 0)


def found(*events: object, log: tuple[Line, ...]) -> dict[str, list[int]]:
    """What each promise is broken by, those that hold left out."""
    evidence = Evidence(list(events), {ORDERS: log})
    broken = {name: judge(evidence) for name, judge in JUDGES.items()}
    return {name: sorted(number for _, number in records) for name, records in broken.items() if records}


def told(number: int, offset: int) -> RecordAcknowledged:
    return RecordAcknowledged(50, "app", number, "orders", 0, offset)


def test_an_acknowledged_record_that_lies_nowhere_is_lost() -> None:
    assert found(sent(1), sent(2), told(1, 0), told(2, 1), log=(line(0, 1),)) == {"lost": [2]}


def test_a_record_that_lies_twice_is_duplicated_and_in_order_by_its_first_place() -> None:
    assert found(sent(1), sent(2), log=(line(0, 1), line(1, 2), line(2, 1))) == {"duplicated": [1]}


def test_a_record_behind_a_later_one_is_reordered() -> None:
    assert found(sent(1), sent(2), sent(3), log=(line(0, 3), line(1, 1), line(2, 2))) == {"reordered": [1, 2]}


def test_a_record_that_failed_and_lies_there_is_a_phantom() -> None:
    failed = [RecordFailed(50, "app", one, "orders", 0, 7, how) for one, how in ((1, "failed"), (2, "unknown"))]

    assert found(sent(1), sent(2), *failed, log=(line(0, 1), line(1, 2))) == {"phantom": [1]}


def test_a_record_that_lies_elsewhere_than_was_told_is_misplaced() -> None:
    assert found(sent(1), told(1, 1), log=(line(0, 1),)) == {"misplaced": [1]}


def test_a_record_that_is_whole_on_no_disk_is_lost_and_one_that_is_not_whole_on_each_is_misrouted() -> None:
    two_of_three = line(0, 1)._replace(disks=3, corrupt=2)

    assert found(sent(1), told(1, 0), log=(two_of_three,)) == {"misrouted": [1]}
    assert found(sent(1), told(1, 0), log=(two_of_three._replace(corrupt=3),)) == {"lost": [1], "misrouted": [1]}


def test_what_a_batch_was_is_what_matches_its_crc_with_one_bit_flipped() -> None:
    batch = encode_batch([(b"k", b"value", header(1), 7)])
    for place in (BATCH_OVERHEAD, (BATCH_OVERHEAD + len(batch)) // 2, len(batch) - 1):
        flipped = bytearray(batch)
        flipped[place] ^= 4

        assert mended(bytes(flipped)) == batch
        assert decoded(bytes(flipped)) == (decoded(batch)[0]._replace(corrupt=1),)


def test_disks_agree_but_for_what_a_cleaner_took_as_it_may() -> None:
    first, second, third = line(0, 1), line(1, 2), line(2, 3)
    disks = {ORDERS: {1: (first, third), 2: (first, second, third)}}

    found = agreed(disks, [second], {ORDERS: 1})

    assert found == {ORDERS: (first._replace(disks=2), third._replace(disks=2))}
    with pytest.raises(ValueError, match="disks differ in orders-0"):
        agreed(disks, [first], {ORDERS: 1})


def test_what_a_cleaner_took_as_it_may_is_neither_lost_nor_missed_and_what_else_is_gone_is() -> None:
    three = sent(1), sent(2), sent(3), told(1, 0), told(2, 1), told(3, 2)
    begins = ReaderBegan(5, "reader", "orders", "earliest")
    log = (line(1, 2),)
    evidence = Evidence([*three, begins, read(1, 2)], {ORDERS: log}, (), [(line(0, 1), 60)])

    assert JUDGES["lost"](evidence) == {("app", 3)}
    assert JUDGES["unread"](evidence) == set()
    assert JUDGES["misplaced"](evidence) == set()


@pytest.mark.parametrize(
    ("gone_us", "is_moved", "missed"),
    [(50, True, set()), (51, True, {("app", 1)}), (50, False, {("app", 1)})],
    ids=["moved when it was gone", "moved before", "read on"],
)
def test_what_went_with_the_start_of_a_log_was_missed_unless_the_reader_was_moved_over_it(
    gone_us: int, is_moved: bool, missed: set[tuple[str, int]]
) -> None:
    two = (
        sent(1),
        sent(2),
        ReaderBegan(5, "reader", "orders", "earliest"),
        ReaderMoved(6, "reader", "orders", 0, 0, "begins"),
    )
    moved = [ReaderMoved(50, "reader", "orders", 0, 1, "offset out of range")] if is_moved else []
    log = (line(0, 1), line(1, 2))
    evidence = Evidence([*two, *moved, read(1, 2)], {ORDERS: log}, expired=[(line(0, 1), gone_us)])

    assert JUDGES["unread"](evidence) == missed


def test_what_a_cleaner_took_after_the_reader_came_by_was_missed() -> None:
    events = [sent(1), sent(2), ReaderBegan(5, "reader", "orders", "earliest")]
    events += [ReaderMoved(6, "reader", "orders", 0, 0, "begins"), read(1, 2)]
    log = (line(0, 1), line(1, 2))

    assert JUDGES["unread"](Evidence(events, {ORDERS: log}, (), [(line(0, 1), 99)])) == set()
    assert JUDGES["unread"](Evidence(events, {ORDERS: log}, (), [(line(0, 1), 100)])) == {("app", 1)}


def test_disks_agree_but_for_bits_that_flipped() -> None:
    whole, corrupt = (line(0, 1),), (line(0, 1)._replace(corrupt=1),)

    assert agreed({ORDERS: {1: whole, 2: corrupt, 3: whole}}) == {ORDERS: (line(0, 1)._replace(disks=3, corrupt=1),)}
    with pytest.raises(ValueError, match="disks differ in orders-0"):
        agreed({ORDERS: {1: whole, 2: (line(0, 2),)}})


def test_other_bytes_than_were_sent_are_misrouted() -> None:
    assert found(sent(1), log=(line(0, 1)._replace(value=b"x"),)) == {"misrouted": [1]}


def test_reading_goes_wrong_in_each_way() -> None:
    log = (line(0, 1), line(1, 2))
    two = sent(1), sent(2)

    assert found(*two, read(0, 1), read(1, 2), log=log) == {}
    assert found(*two, read(0, 1), read(0, 1), read(1, 2), log=log) == {"read again": [1]}
    assert found(*two, read(1, 2), read(0, 1), log=log) == {"read again": [1], "key order": [1]}
    assert found(*two, read(0, 1), read(1, 2), log=log[:1]) == {"dirty read": [2]}
