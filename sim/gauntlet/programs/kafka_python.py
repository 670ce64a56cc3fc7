"""kafka-python."""

from __future__ import annotations

from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from sim.gauntlet.programs.conversation import Send, acknowledged, begun, closed, failed, told


def main() -> None:
    """Send what is told."""
    producer = KafkaProducer(**begun())
    for word in told():
        if isinstance(word, Send):
            _send(producer, word)
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


if __name__ == "__main__":
    main()
