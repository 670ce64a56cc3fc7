"""Our transactional producers and Java's with one set of calls: how each call ended, in words that both have."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from producer import (
    ConsumerGroupMetadata,
    Producer,
    ProducerClosedError,
    TopicPartition,
    TransactionAbortedError,
    TransactionError,
    TransactionStateError,
    TransactionTimeoutError,
    UsageError,
)
from producer.drivers.future import SendFuture
from producer.errors import BufferExhaustedError, Code, MetadataTimeoutError, SendError
from producer.transactions.trouble import code_of_refusal
from tests.interop import jars
from tests.interop.node import die_with_parent

SOURCE = Path(__file__).parent / "JavaTransactions.java"
VERDICT_S_MAX = 20
"""How long a record may wait for what it comes to."""

RETURNED = "returned"
NO_PLACE = "no place"
"""The call is refused for the state that the transaction, or the producer, is in; nothing is changed."""
TIMED_OUT = "timed out"
"""The call may be made again, and goes on."""
ABORTED = "aborted"
"""A record that was dropped with its transaction."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended, or a record."""

    word: str = RETURNED
    """One of the words above, or Kafka's code."""
    shown: str = field(default=RETURNED, compare=False)
    """By the name of the exception that said so."""
    detail: str = field(default="", compare=False)
    raised: str = field(default="", compare=False)
    """The exception itself, where `shown` names the one within it."""

    @property
    def is_well(self) -> bool:
        return self.word == RETURNED


@dataclass(frozen=True, slots=True)
class Offsets:
    """What a group has read: its position on partition 0 of a topic, and who says so."""

    topic: str
    offset: int
    group: ConsumerGroupMetadata


class TransactionalProducers(Protocol):
    """The producers of one make. Whatever a call raises is its outcome."""

    def make(self, name: str, properties: Mapping[str, Any]) -> Outcome: ...

    def call(self, name: str, operation: str) -> Callable[[], Outcome]:
        """Begin a call without arguments, and wait for its end when that is asked for."""

    def send(self, name: str, record: str, topic: str, value: str) -> Callable[[], Outcome]: ...

    def send_offsets(self, name: str, offsets: Offsets) -> Callable[[], Outcome]: ...

    def fate(self, record: str) -> Outcome:
        """What a record that was queued came to."""

    def end(self) -> None:
        """End all of them at once, whatever they wait for."""


class OurTransactions:
    """`producer.Producer`, on the thread of the staging."""

    def __init__(self) -> None:
        self._producers: dict[str, Producer] = {}
        self._sent: dict[str, SendFuture] = {}

    def make(self, name: str, properties: Mapping[str, Any]) -> Outcome:
        def make() -> None:
            self._producers[name] = Producer(properties)

        return outcome_of(make)

    def call(self, name: str, operation: str) -> Callable[[], Outcome]:
        producer = self._producers[name]
        calls: dict[str, Callable[[], object]] = {
            "init": producer.init_transactions,
            "begin": producer.begin_transaction,
            "commit": producer.commit_transaction,
            "abort": producer.abort_transaction,
            "flush": producer.flush,
            "close": producer.close,
        }
        return lambda: outcome_of(calls[operation])

    def send(self, name: str, record: str, topic: str, value: str) -> Callable[[], Outcome]:
        def send() -> None:
            self._sent[record] = self._producers[name].send(topic, value.encode(), partition=0)

        return lambda: outcome_of(send)

    def send_offsets(self, name: str, offsets: Offsets) -> Callable[[], Outcome]:
        given = {TopicPartition(offsets.topic, 0): offsets.offset}
        producer = self._producers[name]
        return lambda: outcome_of(lambda: producer.send_offsets_to_transaction(given, offsets.group))

    def fate(self, record: str) -> Outcome:
        return outcome_of(lambda: self._sent.pop(record).result(VERDICT_S_MAX))

    def end(self) -> None:
        for one in self._producers.values():
            one.close(0)
        self._producers.clear()


def outcome_of(call: Callable[[], object]) -> Outcome:
    """Make a call, and say how it ended by the code that Java's exception would have."""
    try:
        call()
    except TransactionStateError as error:
        word = NO_PLACE
        told: BaseException = error
    except ProducerClosedError as error:
        word, told = NO_PLACE, error
    except TransactionTimeoutError as error:
        word, told = TIMED_OUT, error
    except TransactionAbortedError as error:
        word, told = ABORTED, error
    except (TransactionError, SendError) as error:
        word, told = error.code.name, error
    except (MetadataTimeoutError, BufferExhaustedError) as error:
        word, told = Code.REQUEST_TIMED_OUT.name, error
    except UsageError as error:
        # A producer without an id has no place for any of it; of a record, the code that Java would give.
        word, told = NO_PLACE if "transactional.id" in str(error) else code_of_refusal(error).name, error
    except Exception as error:  # noqa: BLE001 - one that Java has no word for is seen
        word, told = type(error).__name__, error
    else:
        return Outcome()
    shown = type(told).__name__
    if word not in (NO_PLACE, TIMED_OUT, ABORTED):
        shown += f" {word}"
    return Outcome(word, shown, str(told))


class JavaTransactions:
    """`org.apache.kafka.clients.producer.KafkaProducer`, all of them in one process (JavaTransactions.java)."""

    def __init__(self, *, class_path: str, log: Path) -> None:
        self._log = log
        self._names: list[str] = []
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                [*jars.JAVA, "-cp", class_path, "JavaTransactions"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                encoding="utf-8",
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - as for the nodes
            )

    def make(self, name: str, properties: Mapping[str, Any]) -> Outcome:
        self._names.append(name)
        given = {
            name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in properties.items()
        }
        return self._ask("make", name, properties=given)()

    def call(self, name: str, operation: str) -> Callable[[], Outcome]:
        return self._ask(operation, name)

    def send(self, name: str, record: str, topic: str, value: str) -> Callable[[], Outcome]:
        return self._ask("send", name, record=record, topic=topic, value=value)

    def send_offsets(self, name: str, offsets: Offsets) -> Callable[[], Outcome]:
        group_id, generation_id, member_id, _ = offsets.group
        return self._ask(
            "offsets",
            name,
            topic=offsets.topic,
            offset=offsets.offset,
            group=group_id,
            generation=generation_id,
            member=member_id,
        )

    def fate(self, record: str) -> Outcome:
        return self._ask("fate", "", record=record, within_s=VERDICT_S_MAX)()

    def end(self) -> None:
        for name in self._names:
            self._ask("forget", name)()
        self._names.clear()

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            _pipe(pipe).close()

    def logs(self) -> str:
        """What it printed beside the answers."""
        return self._log.read_text(errors="replace")

    def _ask(self, operation: str, name: str, **more: object) -> Callable[[], Outcome]:
        pipe = _pipe(self._process.stdin)
        pipe.write(json.dumps({"do": operation, "of": name, **more}) + "\n")
        pipe.flush()
        return lambda: self._answer(of_record=operation == "fate")

    def _answer(self, *, of_record: bool) -> Outcome:
        line = _pipe(self._process.stdout).readline()
        assert line, f"Java's producers ended\n{self.logs()}"
        told = json.loads(line)
        threw: list[str] = told["threw"]
        if not threw:
            return Outcome()
        words = {
            "IllegalStateException": NO_PLACE,
            # A call's own waiting, or a record's.
            "TimeoutException": Code.REQUEST_TIMED_OUT.name if of_record else TIMED_OUT,
            "TransactionAbortedException": ABORTED,
        }
        # What an earlier call has found is told again within a KafkaException.
        shown = threw[1] if threw[0] == "KafkaException" and len(threw) > 1 else threw[0]
        return Outcome(words.get(threw[0], told["code"]), shown, told["detail"], threw[0])


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe
