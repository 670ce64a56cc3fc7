"""Columns on their way into an engine: what goes in whole, what goes one by one, and that each record is accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from producer.drivers import columns
from producer.drivers.columns import Columns
from producer.drivers.future import SendFuture, maker
from producer.drivers.send_futures import SendFutures
from producer.errors import BufferExhaustedError, RecordTooLargeError
from producer.records import Record, Run

VALUES: list[bytes | None] = [b"%d" % number for number in range(10)]


class Engine:
    """Takes runs, so many records of each at once as there is room for; two partitions, even and odd places."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.taken: list[bytes | None] = []
        self.forgotten: list[SendFutures[SendFuture]] = []
        self.futures: SendFutures[SendFuture] = SendFutures(100, len(VALUES), None, maker())

    def cut(
        self, _topic: str, keys: Sequence[bytes] | None, values: Sequence[bytes | None], tokens: Sequence[int], /
    ) -> list[Run]:
        return [
            Run(partition, [None] * len(values[partition::2]), values[partition::2], tokens[partition::2], None)
            for partition in (0, 1)
        ]

    def append(self, _topic: str, run: Run, begin: int) -> int:
        some = run.values[begin : begin + self.room]
        self.taken += some
        return len(some)

    def columns(self, **more: Any) -> Columns[SendFuture]:
        return Columns(
            "orders", VALUES, None, self.futures, forget=self.forgotten.append, cut=self.cut, append=self.append, **more
        )


def test_runs_go_in_whole_and_what_has_no_room_goes_one_by_one_in_its_partitions_order() -> None:
    engine = Engine(room=2)

    with engine.columns() as sending:
        for record, token in sending:
            assert record.value == VALUES[token - 100]
            engine.taken.append(record.value)

    assert engine.taken == VALUES[0::2] + VALUES[1::2]
    assert engine.forgotten == []


def test_pieces_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "RUN_RECORDS", 4)
    engine = Engine(room=100)

    with engine.columns() as sending:
        assert list(sending) == []

    pieces = [VALUES[0:4], VALUES[4:8], VALUES[8:]]
    assert engine.taken == [value for piece in pieces for value in piece[0::2] + piece[1::2]]


def test_a_record_that_is_refused_ends_alone() -> None:
    engine = Engine(room=0)

    with engine.columns() as sending:
        for record, token in sending:
            if record.value == b"3":
                sending.refuse(token, RecordTooLargeError("too large"))

    assert list(engine.futures.errors()) == [3]


def test_once_waiting_is_in_vain_everything_still_to_come_is_refused_and_nothing_more_is_queued() -> None:
    engine = Engine(room=1)
    error = BufferExhaustedError("no room")
    given: list[bytes | None] = []

    with engine.columns() as sending:
        for record, token in sending:
            given.append(record.value)
            sending.refuse(token, error)

    assert (engine.taken, given) == ([b"0"], [b"2"])
    assert engine.futures.errors() == dict.fromkeys(range(1, 10), error)


def test_once_every_record_has_its_answer_they_are_forgotten() -> None:
    engine = Engine(room=0)

    with engine.columns() as sending:
        for _, token in sending:
            sending.refuse(token, RecordTooLargeError("too large"))

    assert engine.forgotten == [engine.futures]


@pytest.mark.parametrize("queued", [0, 1, 3])
def test_who_is_interrupted_leaves_nothing_that_waits_for_records_never_queued(queued: int) -> None:
    engine = Engine(room=0)

    def send_until_interrupted() -> None:
        with engine.columns() as sending:
            for number, (_, token) in enumerate(sending):
                if number == queued:
                    sending.withdraw()
                    raise KeyboardInterrupt
                engine.futures.refuse(token, RecordTooLargeError("its answer"))

    with pytest.raises(KeyboardInterrupt):
        send_until_interrupted()

    assert engine.futures.are_over
    assert engine.forgotten == [engine.futures]


def test_without_runs_each_record_goes_by_itself_as_the_interceptors_make_it() -> None:
    engine = Engine(room=100)
    futures = engine.futures
    sending = Columns(
        "orders",
        VALUES,
        [b"k"] * 10,
        futures,
        forget=engine.forgotten.append,
        intercept=lambda record, token: record._replace(headers=(("token", b"%d" % token),)),
    )

    given = list(sending)

    assert given[7] == (Record("orders", b"7", b"k", None, (("token", b"107"),)), 107)
    assert len(given) == 10
