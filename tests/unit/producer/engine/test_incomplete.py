"""Batches without a verdict: the oldest one and what a flush waits for, whatever else began, was split or ended."""

from hypothesis import given
from hypothesis import strategies as st

from producer.engine.batch import Batch
from producer.engine.incomplete import SPARE_ENTRIES, Incomplete
from producer.records import TopicPartition

steps = st.lists(st.tuples(st.sampled_from(["begin", "begin", "end", "split"]), st.integers(0, 30)), max_size=80)


def a_batch(number: int, created_us: int) -> Batch:
    partition = TopicPartition("t", 0)
    return Batch(
        number=number, partition=partition, created_us=created_us, reserved_bytes=100, first_timestamp_ms=0
    )  # fmt: skip


@given(steps)
def test_the_oldest_is_known_and_a_flush_waits_for_what_was_there_and_its_parts(drawn: list[tuple[str, int]]) -> None:
    incomplete, live, marks = Incomplete(), {}, []  # type: Incomplete, dict[Batch, int], list[int]
    number = now_us = 0
    for what, choice in drawn:
        now_us += choice
        if what == "begin":
            number += 1
            batch = a_batch(number, now_us)
            incomplete.begin(batch)
            live[batch] = number
            marks.append(number)
        elif live and what == "end":
            batch = list(live)[choice % len(live)]
            incomplete.end(batch)
            del live[batch]
        elif live:
            large = list(live)[choice % len(live)]
            parts = [a_batch(number + 1, large.created_us), a_batch(number + 2, large.created_us)]
            number += 2
            incomplete.split(large, parts)
            live |= dict.fromkeys(parts, live.pop(large))

        assert len(incomplete) == len(live)
        assert incomplete.oldest_us == min((batch.created_us for batch in live), default=None)
        assert [incomplete.is_flushed(mark) for mark in marks] == [mark < min(live.values(), default=1 << 30) for mark in marks]  # fmt: skip


def test_those_that_ended_behind_one_that_is_stuck_are_forgotten_all_the_same() -> None:
    incomplete = Incomplete()
    incomplete.begin(a_batch(1, 1))

    for number in range(2, 10_000):
        batch = a_batch(number, number)
        incomplete.begin(batch)
        incomplete.end(batch)

    assert incomplete.oldest_us == 1
    assert len(incomplete._by_age) <= SPARE_ENTRIES + 3
