"""Interceptors (KIP-42): what each sees, in which order, and that a failing one harms nobody."""

import logging
from typing import Any

import pytest

from producer.drivers.interceptors import Interceptor, Interceptors
from producer.error_codes import ERRORS
from producer.errors import ConfigError, Outcome, ProducerError, SendError
from producer.records import Headers, Record, RecordMetadata, TopicPartition

METADATA = RecordMetadata("orders", 0, 7, 1_000, 1, 1)
RECORD = Record("orders", b"v", b"k", headers=(("h", b"1"),))


class Noting(Interceptor):
    """Marks each record with its name, and notes what it hears."""

    def __init__(self, name: str, notes: list[Any]) -> None:
        self.name = name
        self.notes = notes

    def on_send(self, record: Record) -> Record:
        self.notes.append((self.name, "send", record.value))
        return record._replace(value=(record.value or b"") + self.name.encode())

    def on_acknowledgement(self, metadata: RecordMetadata, error: ProducerError | None, headers: Headers) -> None:
        self.notes.append((self.name, "acknowledgement", metadata, error, headers))

    def close(self) -> None:
        self.notes.append((self.name, "close"))


class Failing(Interceptor):
    def on_send(self, record: Record) -> Record:
        raise ValueError("planted")

    def on_acknowledgement(self, metadata: RecordMetadata, error: ProducerError | None, headers: Headers) -> None:
        raise ValueError("planted")

    def close(self) -> None:
        raise ValueError("planted")


class Forgetful(Interceptor):
    def on_send(self, record: Record) -> Record:
        return None  # type: ignore[return-value]


def test_each_gets_what_the_one_before_it_returned() -> None:
    notes: list[Any] = []

    changed = Interceptors([Noting("a", notes), Noting("b", notes)]).on_send(RECORD)

    assert changed == RECORD._replace(value=b"vab")
    assert notes == [("a", "send", b"v"), ("b", "send", b"va")]


@pytest.mark.parametrize("bad", [Failing(), Forgetful()], ids=["raises", "returns nothing"])
def test_one_that_fails_in_on_send_is_logged_and_passed_by(bad: Interceptor, caplog: pytest.LogCaptureFixture) -> None:
    notes: list[Any] = []

    changed = Interceptors([Noting("a", notes), bad, Noting("b", notes)]).on_send(RECORD)

    assert changed.value == b"vab"
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_one_that_fails_in_on_acknowledgement_keeps_it_from_nobody(caplog: pytest.LogCaptureFixture) -> None:
    notes: list[Any] = []
    chain = Interceptors([Failing(), Noting("a", notes)])

    chain.acknowledging(RECORD, lambda metadata, error: notes.append(("callback", metadata, error)))(METADATA, None)

    assert notes == [("a", "acknowledgement", METADATA, None, RECORD.headers), ("callback", METADATA, None)]
    assert "a callback failed: on_acknowledgement of interceptor" in caplog.text


@pytest.mark.parametrize(
    ("error", "partition"),
    [
        (SendError(TopicPartition("orders", 3), ERRORS[29], Outcome.FAILED), 3),
        (ConfigError("refused by send"), -1),
    ],
)
def test_a_failure_is_told_with_an_offset_that_is_none(error: ProducerError, partition: int) -> None:
    notes: list[Any] = []

    Interceptors([Noting("a", notes)]).refused(RECORD, error)

    assert notes == [("a", "acknowledgement", RecordMetadata("orders", partition, -1, -1, 1, 1), error, RECORD.headers)]


def test_after_the_close_none_is_called(caplog: pytest.LogCaptureFixture) -> None:
    notes: list[Any] = []
    chain = Interceptors([Failing(), Noting("a", notes)])

    chain.close()
    chain.close()
    chain.on_send(RECORD)

    assert notes == [("a", "close")]
    assert "a callback failed: close of interceptor" in caplog.text


def test_no_interceptor_is_false() -> None:
    assert not Interceptors()
    assert Interceptors([Interceptor()]).on_send(RECORD) is RECORD
