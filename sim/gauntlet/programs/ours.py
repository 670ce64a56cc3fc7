"""The producer of this project, on its threads."""

from __future__ import annotations

from collections.abc import Callable

from producer import Outcome, Producer, ProducerError, Record, RecordMetadata, SendError
from producer.errors import ProducerFencedError, TransactionAbortableError, TransactionError, TransactionTimeoutError
from sim.gauntlet.programs.conversation import Send, acknowledged, begun, carry_out, closed, failed, told


def main() -> None:
    """Send what is told."""
    producer = Producer(begun())
    calls: dict[str, Callable[[], object]] = {
        "init": producer.init_transactions,
        "begin": producer.begin_transaction,
        "commit": producer.commit_transaction,
        "abort": producer.abort_transaction,
    }
    for word in told():
        if isinstance(word, Send):
            _send(producer, word)
        elif word == "flush":
            producer.flush()
        elif word in calls:
            carry_out(word, calls, _refusal)
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


def _refusal(error: Exception) -> tuple[str, int]:
    if isinstance(error, TransactionTimeoutError):
        return "again", -1
    if not isinstance(error, TransactionError):
        return "fatal", -1
    outcome = "fenced" if isinstance(error, ProducerFencedError) else "fatal"
    return ("abortable" if isinstance(error, TransactionAbortableError) else outcome), error.code.code


if __name__ == "__main__":
    main()
