"""Closing a producer of dead letters: in time, from anywhere, and no future is left without its end."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from producer import Producer
from producer.dead_letters import DeadLetteredError, DeadLetterLostError, DeadLetterPolicy, DeadLetterProducer
from producer.errors import Code, ProducerClosedError, ProducerError, RecordTooLargeError, UsageError
from producer.records import Record
from tests.unit.producer.dead_letters.desk import WAIT_S, Desk, only_orders, refusal

NOWHERE = {"bootstrap.servers": "127.0.0.1:1"}


@pytest.fixture
def unreachable() -> Iterator[Producer]:
    """A producer whose every `send` waits for a second."""
    producer = Producer(NOWHERE | {"max.block.ms": 1_000})
    yield producer
    producer.close(0)


def test_close_keeps_its_time_however_many_letters_wait_for_another_producer(unreachable: Producer) -> None:
    lost: list[Record] = []
    policy = DeadLetterPolicy(on_lost=lambda record, _error: lost.append(record))
    producer = DeadLetterProducer(Desk(only_orders(refusal(Code.INVALID_RECORD))), policy, dead_letters_to=unreachable)
    futures = [producer.send("orders", b"%d" % index) for index in range(20)]
    begun_s = time.monotonic()

    producer.close(0.2)

    # One second for each of them would be twenty.
    assert time.monotonic() - begun_s < 15
    assert [type(future.exception(0)) for future in futures] == [DeadLetterLostError] * 20
    assert sorted(record.value or b"" for record in lost) == sorted(b"%d" % index for index in range(20))
    assert {str(future.exception(0)).rpartition("closed, and ")[2] for future in futures} == {
        "the dead letter was not sent",
        "the dead letter is on its way, and may arrive all the same",
    }


def test_a_letter_that_was_given_up_and_arrives_is_not_told_again() -> None:
    gate, ended = threading.Event(), []

    def verdict(_record: Record) -> ProducerError | None:
        gate.wait(WAIT_S)
        return None

    later = Desk(verdict)
    producer = DeadLetterProducer(Desk(only_orders(refusal(Code.INVALID_RECORD))), dead_letters_to=later)
    future = producer.send("orders", b"v", on_delivery=lambda *told: ended.append(told))
    producer.close(0)
    gate.set()
    later.flush(WAIT_S)

    assert isinstance(future.exception(0), DeadLetterLostError)
    assert len(ended) == 1


def test_what_fails_once_the_producer_is_closed_is_told_so() -> None:
    producer = DeadLetterProducer(Desk(only_orders(RecordTooLargeError("too large"))))
    producer.close()
    producer.close()

    with pytest.raises(ProducerClosedError):
        producer.send("orders", b"v")


def test_flush_does_not_wait_for_letters_that_linger_with_another_producer(bootstrap: str) -> None:
    with Producer({"bootstrap.servers": bootstrap, "linger.ms": 60_000}) as slow:
        desk = Desk(only_orders(refusal(Code.INVALID_RECORD)))
        with DeadLetterProducer(desk, dead_letters_to=slow) as producer:
            future = producer.send("orders", b"v")
            producer.flush(WAIT_S / 3)

            assert isinstance(future.exception(0), DeadLetteredError)


# -- in a callback -----------------------------------------------------------------------------------------------------


class Closing:
    """Closes the producer wherever it is called, and keeps what that raised."""

    def __init__(self) -> None:
        self.producer: DeadLetterProducer | None = None
        self.ended = threading.Event()
        self.raised: list[BaseException] = []

    def __call__(self, *_told: object) -> str:
        try:
            assert self.producer is not None
            with pytest.raises(UsageError):
                self.producer.flush(WAIT_S)
            self.producer.close()
        except BaseException as error:  # noqa: BLE001 - looked at by the test
            self.raised.append(error)
        finally:
            self.ended.set()
        return "orders.dead"


@pytest.mark.parametrize("where", ["delivered", "dead-lettered", "lost", "callback", "topic", "on_lost"])
def test_close_in_any_callback_closes(bootstrap: str, where: str) -> None:
    """On the producer's own thread, and on the one that sends dead letters: what it waits for would come to itself."""
    closing = Closing()
    policy: dict[str, Any] = {}
    if where in {"lost", "on_lost"}:
        policy = {"topic": lambda _topic: 5, "on_lost": closing if where == "on_lost" else None}
    elif where == "topic":
        policy = {"topic": closing}
    plain = Producer({"bootstrap.servers": bootstrap, "max.request.size": 1_000, "buffer.memory": 100_000})
    producer = closing.producer = DeadLetterProducer(plain, DeadLetterPolicy(**policy))
    future = producer.send(
        "orders",
        bytes(10 if where in {"delivered", "callback"} else 5_000),
        on_delivery=closing if where in {"delivered", "dead-lettered", "lost"} else None,
    )
    if where == "callback":
        future.add_done_callback(closing)

    assert closing.ended.wait(WAIT_S)
    future.exception(WAIT_S)
    producer.close(WAIT_S)

    assert closing.raised == []
    with pytest.raises(ProducerClosedError):
        producer.send("orders", b"v")
    assert not plain._thread.is_alive()
