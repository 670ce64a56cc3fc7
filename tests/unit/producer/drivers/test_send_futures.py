"""The futures of many records: made when they are asked for, before or after the answer, and each ends once."""

import os
from typing import Any

import pytest

from producer.drivers.future import SendFuture, maker
from producer.drivers.send_futures import Outstanding, SendFutures
from producer.errors import ForkedProducerError, ProducerClosedError
from producer.events import BatchMetadata
from producer.records import RecordMetadata

BATCH = BatchMetadata("orders", 2, 40, -1, [1, 2, 3], [-1, 1, 1], [5, 5, 5])
REFUSAL = ProducerClosedError("closed")


def many(begin: int, count: int, on_delivery: Any = None) -> SendFutures[SendFuture]:
    return SendFutures(begin, count, on_delivery, maker())


def test_one_asked_for_before_the_answer_hears_of_it() -> None:
    futures = many(100, 3)
    told: list[Any] = []
    asked = futures[1]
    asked.add_done_callback(told.append)
    assert futures[1] is asked
    assert not asked.done()

    futures.resolve(101, BATCH, 2)

    assert told == [asked]
    assert asked.result(0) == RecordMetadata("orders", 2, 42, 3, 1, 5)
    assert not futures[0].done()


def test_one_asked_for_after_the_answer_is_done() -> None:
    futures = many(0, 3)
    futures.resolve(0, BATCH, 0)
    futures.refuse(2, REFUSAL)

    assert futures[0].result(0).offset == 40
    assert futures[-1].exception(0) is REFUSAL
    assert [one.done() for one in futures] == [True, False, True]
    assert [one.done() for one in futures[::2]] == [True, True]
    assert futures.errors() == {2: REFUSAL}
    assert not futures.are_over


def test_each_ends_once_and_then_they_are_over() -> None:
    futures = many(0, 2)
    futures.resolve(0, BATCH, 0)

    with pytest.raises(AssertionError, match="exactly one answer"):
        futures.resolve(0, BATCH, 0)

    assert not many(0, 2).are_over
    assert many(7, 0).are_over


def test_a_place_that_is_not_there_is_an_index_error() -> None:
    with pytest.raises(IndexError):
        _ = many(0, 2)[2]


def test_deliveries_are_called_back_by_all_or_by_one_of_their_own() -> None:
    told: list[Any] = []
    futures = many(0, 2, lambda metadata, error: told.append((metadata, error)))
    futures.listen(1, lambda metadata, error: told.append(("own", metadata, error)))

    futures.resolve(0, BATCH, 0)
    futures.refuse(1, REFUSAL)

    assert told == [(RecordMetadata("orders", 2, 40, 1, -1, 5), None), ("own", None, REFUSAL)]


def test_records_are_found_by_their_number_until_they_are_forgotten() -> None:
    outstanding: Outstanding[SendFuture] = Outstanding()
    first, second, third = (outstanding.begin(count, None, maker()) for count in (3, 1, 2))

    assert [outstanding.find(token) for token in range(6)] == [first, first, first, second, third, third]

    outstanding.forget(second)
    outstanding.forget(second)
    assert [outstanding.find(token) for token in (0, 2, 4, 5)] == [first, first, third, third]
    assert outstanding.begin(1, None, maker()).tokens == range(6, 7)


def test_a_forked_process_waits_for_no_answer_that_is_another_ones() -> None:
    futures = many(0, 1)

    child = os.fork()
    if child == 0:
        try:
            futures[0].result(5)
        except ForkedProducerError:
            os._exit(0)
        finally:
            os._exit(1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
