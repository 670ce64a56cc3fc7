"""What a group has committed stays, and it goes back only where a member commits so."""

import pytest

from producer.errors import Code
from sim.cluster.coordinators.groups.record_kinds import offset_record
from sim.cluster.coordinators.groups.records import OffsetCommitKey, OffsetCommitValue
from sim.cluster.internal_topics import CONSUMER_OFFSETS
from sim.judges.guarantees import State
from sim.trace import events
from tests.guarantees.transactional import TransactionalTrace
from tests.guarantees.written import WrittenTrace


def committed(*offsets: int) -> WrittenTrace:
    """One member commits, one after the other, and is told each time that it is remembered."""
    trace = WrittenTrace().join("one", "two")
    for number, offset in enumerate(offsets, start=1):
        trace.ask_for_position("one", commit=number, offset=offset)
        trace.answer_commit("one", commit=number, offset=offset)
    return trace


def test_position_that_was_remembered_last_is_as_it_should_be() -> None:
    trace = committed(3, 7)

    assert trace.tell_position("two", 7, asked_us=trace.now_us).end().state("forgotten") is State.HOLDS


def test_position_of_before_is_found() -> None:
    trace = committed(3, 7)
    trace.tell_position("two", 3, asked_us=trace.now_us).end()

    (finding,) = trace.judged("forgotten").findings
    assert finding.name == "group billing in orders-0"
    assert finding.what == "two is told offset 3, and one was told that offset 7 is remembered"
    assert [moment.role for moment in finding.moments] == ["commit", "commit answered", "position read"]


def test_no_position_where_one_was_remembered_is_found() -> None:
    trace = committed(3)

    assert trace.tell_position("two", -1, asked_us=trace.now_us).end().state("forgotten") is State.VIOLATED


def test_position_that_nobody_committed_is_found() -> None:
    trace = WrittenTrace().join("one")
    trace.tell_position("one", 5, asked_us=trace.now_us).end()

    assert trace.judged("forgotten").findings[0].what == "one is told offset 5, and nobody has committed that"


def test_group_goes_back_where_a_member_commits_so() -> None:
    trace = committed(7, 3)

    assert trace.tell_position("two", 3, asked_us=trace.now_us).end().state("forgotten") is State.HOLDS


def test_either_position_may_be_read_while_the_later_is_on_its_way() -> None:
    for told in (3, 7):
        trace = committed(3).ask_for_position("one", commit=2, offset=7)
        trace.tell_position("two", told, asked_us=trace.now_us).answer_commit("one", commit=2, offset=7).end()

        assert trace.state("forgotten") is State.HOLDS


def test_commit_that_nobody_answered_may_be_written_late() -> None:
    trace = WrittenTrace().join("one", "two").ask_for_position("one", commit=1, offset=3)
    trace.answer_commit("one", commit=1, offset=3, code=Code.NETWORK_EXCEPTION)
    trace.ask_for_position("one", commit=2, offset=7).answer_commit("one", commit=2, offset=7)

    assert trace.tell_position("two", 3, asked_us=trace.now_us).end().state("forgotten") is State.HOLDS


def test_commit_of_who_is_no_member_is_not_to_be_written() -> None:
    trace = committed(7).ask_for_position("one", commit=2, offset=3)
    trace.answer_commit("one", commit=2, offset=3, code=Code.ILLEGAL_GENERATION)

    assert trace.tell_position("two", 3, asked_us=trace.now_us).end().state("forgotten") is State.VIOLATED


def test_positions_in_a_topic_that_is_deleted_are_gone_with_it() -> None:
    trace = committed(7).delete_topic()

    assert trace.tell_position("two", -1, asked_us=trace.now_us).end().state("forgotten") is State.HOLDS


def in_transaction(outcome: str) -> TransactionalTrace:
    """Offset 7 goes with a transaction, of which its application was told so much."""
    trace = TransactionalTrace(1).join("one").begin(1).give(1, 7).ask(1)
    return trace.tell(1, outcome, 0 if outcome in {"committed", "aborted"} else Code.PRODUCER_FENCED)


@pytest.mark.parametrize(
    ("outcome", "may_be"),
    [
        ("committed", {7}),
        ("aborted", {-1}),
        ("failed", {-1}),
        ("unknown", {-1, 7}),
        ("fenced", {-1, 7}),
    ],
)
def test_position_of_a_transaction_is_remembered_if_that_is_committed(outcome: str, may_be: set[int]) -> None:
    told = {
        offset: in_transaction(outcome).tell_position("one", offset, asked_us=99_000).end().state("forgotten")
        for offset in (-1, 7)
    }

    assert {offset for offset, state in told.items() if state is State.HOLDS} == may_be


def stored(*, is_commit: bool, outcome: str) -> TransactionalTrace:
    """`__consumer_offsets` is read back: the transaction's position lies there, and a marker behind it."""
    trace = in_transaction(outcome)
    now_us, append = trace.now_us, (0, "b1", 0, 0, 7, 0, -1, 77)
    position = offset_record(OffsetCommitKey("billing", "orders", 0), OffsetCommitValue(7))
    trace.events += [
        events.LeaderElected(now_us, CONSUMER_OFFSETS, 0, 1, 0, (1,), (1,), (), is_unclean=False),
        events.BatchAppended(now_us, 1, CONSUMER_OFFSETS, 0, 0, 0, *append),
        events.BatchAppended(now_us, 1, CONSUMER_OFFSETS, 0, 1, 1, *append),
        events.MarkerAppended(now_us, 1, CONSUMER_OFFSETS, 0, 1, 0, 7, 0, 0, is_commit, 0),
        events.HighWatermarkAdvanced(now_us, 1, CONSUMER_OFFSETS, 0, 2),
        events.ReaderBegan(now_us, "consumer-1", CONSUMER_OFFSETS, "earliest"),
        events.RecordRead(now_us, "consumer-1", CONSUMER_OFFSETS, 0, 0, position.key, position.value, 0, (), 0),
    ]
    return trace.end()


def test_position_that_is_stored_counts_if_its_transaction_is_committed() -> None:
    assert stored(is_commit=True, outcome="committed").state("forgotten") is State.HOLDS
    assert stored(is_commit=True, outcome="aborted").state("forgotten") is State.VIOLATED
    assert stored(is_commit=False, outcome="aborted").state("forgotten") is State.HOLDS
    assert stored(is_commit=False, outcome="committed").state("forgotten") is State.VIOLATED


def read_back(*given: int) -> WrittenTrace:
    """A member's offsets 3 and 7 are in `__consumer_offsets`, and whoever reads it back is given these records of it."""
    trace = committed(3, 7)
    now_us, append = trace.now_us, (0, "b1", 0, 0, -1, -1, -1, 77)
    trace.events += [
        events.LeaderElected(now_us, CONSUMER_OFFSETS, 0, 1, 0, (1,), (1,), (), is_unclean=False),
        events.BatchAppended(now_us, 1, CONSUMER_OFFSETS, 0, 0, 0, *append),
        events.BatchAppended(now_us, 1, CONSUMER_OFFSETS, 0, 1, 1, *append),
        events.HighWatermarkAdvanced(now_us, 1, CONSUMER_OFFSETS, 0, 2),
        events.ReaderBegan(now_us, "consumer-1", CONSUMER_OFFSETS, "earliest"),
    ]
    for place in given:
        one = offset_record(OffsetCommitKey("billing", "orders", 0), OffsetCommitValue((3, 7)[place]))
        trace.events.append(
            events.RecordRead(now_us, "consumer-1", CONSUMER_OFFSETS, 0, place, one.key, one.value, 0, (), 0)
        )
    return trace.end()


@pytest.mark.parametrize(
    ("given", "state"), [((0, 1), State.HOLDS), ((0,), State.INCONCLUSIVE), ((), State.INCONCLUSIVE)]
)
def test_what_is_stored_behind_where_the_reader_stopped_is_not_known(given: tuple[int, ...], state: State) -> None:
    trace = read_back(*given)

    assert trace.state("forgotten") is state
    assert (trace.state("unread") is State.VIOLATED) is (1 not in given)
