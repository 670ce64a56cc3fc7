"""Reads records back, and does with those of which no value can be made as a policy says, so that what lies behind them is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from producer.dead_letters.failures import DeadLetterLostError, Failure, UnreadableRecordError
from producer.dead_letters.letter import dead_letter
from producer.dead_letters.policy import Action, DeadLetterPolicy
from producer.drivers.clock import epoch_ms
from producer.errors import ProducerError, SchemaRegistryError, SerializationError, UsageError
from producer.records import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.dead_letters.graveyard import Sends
    from producer.records import ReadRecord

T = TypeVar("T")


class DeadLetterReader(Generic[T]):
    """Makes values of records. Which of them count, and what becomes of those, says the policy (`Failure.UNREADABLE`)."""

    def __init__(
        self,
        make: Callable[[ReadRecord], T],
        policy: DeadLetterPolicy | None = None,
        *,
        dead_letters_to: Sends | None = None,
    ) -> None:
        """`make` gives a record's value, or raises SerializationError. Raises UsageError if dead letters have no way to go."""
        self.policy = policy if policy is not None else DeadLetterPolicy()
        if self.policy.action is Action.ROUTE and dead_letters_to is None:
            msg = "the policy routes dead letters, so dead_letters_to must be a producer"
            raise UsageError(msg)
        self._make = make
        self._to = dead_letters_to

    def read(self, record: ReadRecord) -> T | UnreadableRecordError:
        """Give the value, or what says that there is none, once the policy was obeyed: its dead letter is acknowledged by then.

        Raises UnreadableRecordError if the policy raises or does not count these, DeadLetterLostError if the letter did not get
        through: the record is to be read again then. Raises SchemaRegistryError if the registry could not be asked.
        """
        try:
            return self._make(record)
        except SerializationError as error:
            found = _unreadable(record, error)
        except SchemaRegistryError as error:
            if error.is_retriable:
                # Nothing is known of the record.
                raise
            found = _unreadable(record, error)
        self._treat(record, found)
        return found

    def _treat(self, record: ReadRecord, found: UnreadableRecordError) -> None:
        policy = self.policy
        if Failure.UNREADABLE not in policy.counts or policy.action is Action.RAISE:
            raise found from found.cause
        was = Record(record.topic, record.value, record.key, record.partition, record.headers, record.timestamp_ms)
        if policy.action is Action.CALL:
            assert policy.callback is not None, "the policy has checked it"
            policy.callback(was, found)
            return
        assert self._to is not None, "checked when this was made"
        letter = dead_letter(was, found, to=policy.topic_for(record.topic), failed_at_ms=epoch_ms())
        try:
            self._to.send_record(letter).result()
        except ProducerError as error:
            lost = DeadLetterLostError(found, error)
            if policy.on_lost is not None:
                policy.on_lost(was, lost)
            raise lost from error


def _unreadable(record: ReadRecord, error: ProducerError) -> UnreadableRecordError:
    found = UnreadableRecordError(record.topic, record.partition, record.offset, error)
    found.__cause__ = error
    return found
