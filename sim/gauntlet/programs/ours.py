"""The producer of this project, on its threads."""

from __future__ import annotations

from producer import Outcome, Producer, ProducerError, Record, RecordMetadata, SendError
from sim.gauntlet.programs.conversation import Send, acknowledged, begun, closed, failed, told


def main() -> None:
    """Send what is told."""
    producer = Producer(begun())
    for word in told():
        if isinstance(word, Send):
            _send(producer, word)
        elif word == "flush":
            producer.flush()
    producer.close()
    closed()


def _send(producer: Producer, asked: Send) -> None:
    def done(where: RecordMetadata | None, error: Exception | None) -> None:
        if where is not None:
            acknowledged(asked.number, where.partition, where.offset, where.timestamp_ms)
        elif isinstance(error, SendError):
            failed(asked.number, error, code=error.code.code, is_certain=error.outcome is Outcome.FAILED)
        else:
            failed(asked.number, error)

    record = Record(asked.topic, asked.value, asked.key, asked.partition, tuple(asked.headers), asked.timestamp_ms)
    try:
        producer.send_record(record, done)
    except ProducerError as error:
        failed(asked.number, error, is_certain=True)


if __name__ == "__main__":
    main()
