"""confluent-kafka: librdkafka, by Confluent's Python."""

from __future__ import annotations

from threading import Event, Thread
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from sim.gauntlet.programs.conversation import Send, acknowledged, begun, carry_out, closed, failed, told


def main() -> None:
    """Send what is told; callbacks come from a thread of its own, as in an application that polls."""
    producer = Producer(begun())
    is_over = Event()
    polling = Thread(target=_poll, args=(producer, is_over), daemon=True)
    polling.start()
    calls = {
        "init": producer.init_transactions,
        "begin": producer.begin_transaction,
        "commit": producer.commit_transaction,
        "abort": producer.abort_transaction,
    }
    for word in told():
        if isinstance(word, Send):
            _send(producer, word)
        elif word == "flush":
            pass  # it has no flush that does not wait; lingering takes five milliseconds
        elif word in calls:
            carry_out(word, calls, _refusal)
    producer.flush()
    is_over.set()
    polling.join()
    closed()


def _poll(producer: Producer, is_over: Event) -> None:
    while not is_over.is_set():
        producer.poll(0.05)


def _send(producer: Producer, asked: Send) -> None:
    def delivered(error: Any, message: Message) -> None:
        if error is None:
            partition, offset = message.partition(), message.offset()
            assert partition is not None
            acknowledged(asked.number, partition, -1 if offset is None else offset, message.timestamp()[1])
        else:
            failed(asked.number, error, code=error.code())

    more: dict[str, Any] = {}
    if asked.partition is not None:
        more["partition"] = asked.partition
    if asked.timestamp_ms is not None:
        more["timestamp"] = asked.timestamp_ms
    try:
        producer.produce(
            asked.topic, asked.value, asked.key, headers=list(asked.headers), on_delivery=delivered, **more
        )
    except (KafkaException, BufferError, ValueError) as error:
        failed(asked.number, error, is_certain=True)


def _refusal(error: Exception) -> tuple[str, int]:
    if not isinstance(error, KafkaException):
        return "fatal", -1
    told_of: KafkaError = error.args[0]
    if told_of.code() == KafkaError._FENCED:
        return "fenced", KafkaError.PRODUCER_FENCED
    if told_of.txn_requires_abort():
        return "abortable", told_of.code()
    # One that is out of time may be called again: librdkafka goes on with it.
    return ("again" if told_of.retriable() else "fatal"), told_of.code()


if __name__ == "__main__":
    main()
