"""kafka-python."""

from __future__ import annotations

from functools import partial
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError, ProducerFencedError

from sim.gauntlet.programs.conversation import Send, acknowledged, begun, carry_out, closed, failed, told


def main() -> None:
    """Send what is told."""
    producer = KafkaProducer(**begun())
    calls = {
        "init": producer.init_transactions,
        "begin": producer.begin_transaction,
        "commit": producer.commit_transaction,
        "abort": producer.abort_transaction,
    }
    for word in told():
        if isinstance(word, Send):
            _send(producer, word)
        elif word in calls:
            carry_out(word, calls, partial(_refusal, producer))
    producer.close()
    closed()


def _send(producer: Any, asked: Send) -> None:
    def written(told_of: Any) -> None:
        acknowledged(asked.number, told_of.partition, told_of.offset, told_of.timestamp)

    def lost(error: Any) -> None:
        failed(asked.number, error, code=getattr(error, "errno", -1))

    try:
        future = producer.send(
            asked.topic,
            value=asked.value,
            key=asked.key,
            partition=asked.partition,
            timestamp_ms=asked.timestamp_ms,
            headers=list(asked.headers),
        )
    except (KafkaError, ValueError, AssertionError) as error:
        failed(asked.number, error, is_certain=True)
        return
    future.add_callback(written)
    future.add_errback(lost)


def _refusal(producer: Any, error: Exception) -> tuple[str, int]:
    """Which error is the end of the producer its exceptions do not say, but its state does."""
    code = getattr(error, "errno", -1)
    if isinstance(error, KafkaTimeoutError):
        return "again", code
    if isinstance(error, ProducerFencedError):
        return "fenced", code
    is_fatal = not isinstance(error, KafkaError) or producer._transaction_manager.has_fatal_error()
    return ("fatal" if is_fatal else "abortable"), code


if __name__ == "__main__":
    main()
