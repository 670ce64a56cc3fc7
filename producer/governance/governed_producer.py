"""`GovernedProducer`: a producer of ours behind a policy, on threads; `Reader` gives what was encrypted to whoever has the right."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from producer.dead_letters.graveyard import Graveyard, settle
from producer.dead_letters.policy import DeadLetterPolicy
from producer.drivers.clock import now_us
from producer.drivers.future import SendFuture
from producer.drivers.timeouts import wait_until_us
from producer.errors import ForkedProducerError, ProducerError, SchemaRegistryError, UsageError
from producer.governance.asking import asking
from producer.governance.errors import KeyServiceError, NoSuchKeyError
from producer.governance.governor import Governor, Ruling, Verdict
from producer.governance.protection.entropy import urandom
from producer.governance.protection.key_ring import KeyRing
from producer.governance.protection.key_service import KeyRequest, KeyService, MaskKey, NewDataKey, UnwrapDataKey
from producer.records import Record, header_pairs
from producer.schemas.schema import FormatNotInstalledError, InvalidSchemaError

if TYPE_CHECKING:
    from producer.dead_letters.graveyard import Sends
    from producer.drivers.interceptors import OnDelivery
    from producer.governance.asking import Told, Wanted
    from producer.governance.policy.words import Policy
    from producer.serialization.registry.calls import Call

T = TypeVar("T")


class Registry(Protocol):
    """Whoever is asked for schemas; `producer.SchemaRegistry` is one."""

    def ask(self, call: Call) -> Any:
        """Give the JSON of the answer. Raises SchemaRegistryError."""
        ...


class _Asker:
    """Answers what a governor or an opener wants to know; blocks the thread that asks."""

    def __init__(self, keys: KeyRing, service: KeyService | None, registry: Registry | None) -> None:
        self._keys = keys
        self._service = service
        self._registry = registry
        self._lock = threading.Lock()
        self._process = os.getpid()

    def known(self, use: Callable[[], T]) -> T:
        """Call `use` until it knows. Raises what it raises, SchemaRegistryError."""
        if os.getpid() != self._process:
            # A fork has the keys as well, and would count on with the same nonces; its lock may be held by nobody.
            self._process, self._lock = os.getpid(), threading.Lock()
            self._keys.forget()

        def locked() -> T:
            with self._lock:
                return use()

        return walked(asking(locked, self._keys, now_us), self._answer)

    def _answer(self, wanted: Wanted) -> Told:
        if not isinstance(wanted, (NewDataKey, UnwrapDataKey, MaskKey)):
            ask_registry(wanted, self._registry)
            return None
        return ask_keys(wanted, self._service)


def walked(steps: Generator[Wanted, Told, T], answer: Callable[[Wanted], Told]) -> T:
    """Go through the questions of one call. Raises what it raises."""
    try:
        wanted = next(steps)
        while True:
            wanted = steps.send(answer(wanted))
    except StopIteration as end:
        told: T = end.value
        return told


def ask_keys(request: KeyRequest, service: KeyService | None) -> Told:
    """Ask a key service. What an implementation of somebody else's raises is told as no key: nothing is written then."""
    if service is None:
        return NoSuchKeyError(str(request), "there is no key service")
    try:
        return service.answer(request)
    except KeyServiceError as error:
        return error
    except Exception as error:  # noqa: BLE001 - somebody else's: its words may hold a key
        return KeyServiceError(str(request), f"it failed with {type(error).__name__}")


def ask_registry(questions: Any, registry: Registry | None) -> None:
    """Ask a registry one thing after the other. Raises SchemaRegistryError."""
    if registry is None:
        raise SchemaRegistryError("a value's schema", detail="there is no registry to ask")
    with suppress(StopIteration):
        call = next(questions)
        while True:
            try:
                told = registry.ask(call)
            except SchemaRegistryError as error:
                call = questions.throw(error)
            else:
                call = questions.send(told)


class GovernedProducer:
    """A producer whose records go out as a policy wants them; safe to use from many threads.

    Each record is ruled on by itself: one that is refused stops no other. Its future ends in a `PolicyViolationError` (INVALID_RECORD),
    in a `KeyServiceError` where a key could not be had, or in a `DeadLetteredError` once its dead letter is acknowledged.
    """

    def __init__(
        self,
        producer: Sends,
        policy: Policy,
        *,
        keys: KeyService | None = None,
        registry: Registry | None = None,
        dead_letters: DeadLetterPolicy | None = None,
        dead_letters_to: Sends | None = None,
        draw: Callable[[int], bytes] = urandom,
    ) -> None:
        """Wrap `producer`, which is closed with this one. `dead_letters` says to which topic dead letters go."""
        self.inner = self._producer = producer
        """Its transactional calls are to be made there; a record that is refused is no part of a transaction."""
        ring = KeyRing(draw, age_us=policy.data_key_age_us, uses_max=policy.data_key_uses)
        self.governor = Governor(policy, ring)
        self._asker = _Asker(ring, keys, registry)
        letters = dead_letters if dead_letters is not None else DeadLetterPolicy()
        self._graveyard = Graveyard(dead_letters_to if dead_letters_to is not None else producer, letters)
        self._serialized: Callable[..., Record] | None = getattr(producer, "serialized", None)

    def __repr__(self) -> str:
        return f"GovernedProducer({self.governor.policy.name or 'a policy'})"

    def send(
        self,
        topic: str,
        value: Any = None,
        *,
        key: Any = None,
        partition: int | None = None,
        headers: Iterable[tuple[str, bytes | None]] = (),
        timestamp_ms: int | None = None,
        on_delivery: OnDelivery | None = None,
    ) -> SendFuture:
        """Rule on one record and queue it, serialised as `producer` was told to; blocks and raises as `Producer.send` does."""
        record = Record(topic, value, key, partition, header_pairs(headers) if headers else (), timestamp_ms)
        if self._serialized is not None:
            made = self._serialized(topic, value, key=key, headers=record.headers)
            record = record._replace(key=made.key, value=made.value, headers=made.headers)
        return self.send_record(record, on_delivery)

    def send_record(self, record: Record, on_delivery: OnDelivery | None = None) -> SendFuture:
        """Do as `send` does, with a record as a value, in bytes."""
        ruling = self.ruling(record)
        if ruling.verdict is Verdict.PASSED:
            assert ruling.record is not None, "what passes goes on"
            return self._producer.send_record(ruling.record, on_delivery)
        assert ruling.error is not None, "what does not pass is told why"
        future = SendFuture(on_delivery)
        if ruling.record is not None:
            self._graveyard.bury(ruling.record, ruling.error, future)
        else:
            settle(future, ruling.error)
        return future

    def send_all(self, records: Iterable[Record], on_delivery: OnDelivery | None = None) -> list[SendFuture]:
        """Send each record of a batch by itself: the good ones pass. What `send_record` raises ends that record's future."""
        futures = []
        for record in records:
            try:
                futures.append(self.send_record(record, on_delivery))
            except ProducerError as error:
                futures.append(SendFuture(on_delivery))
                settle(futures[-1], error)
        return futures

    def ruling(self, record: Record) -> Ruling:
        """Rule on a record and send nothing; its keys are asked for. Raises UsageError for what is no record in bytes."""
        if record.value is not None and not isinstance(record.value, bytes):
            raise UsageError(f"value is a {type(record.value).__name__}, must be bytes or None")
        try:
            return self._asker.known(lambda: self.governor.ruling(record, now_us()))
        except (SchemaRegistryError, InvalidSchemaError, FormatNotInstalledError) as error:
            return Ruling(Verdict.REFUSED, None, (), error)

    def choose_partition(self, record: Record) -> int:
        """Do as `Producer.choose_partition` does, for the record as it goes on."""
        made = self.ruling(record).record
        return self._producer.choose_partition(record if made is None else made)

    def flush(self, timeout_s: float | None = None) -> None:
        """Wait until everything sent so far has its answer, dead letters too. Raises TimeoutError."""
        limit_us = wait_until_us(timeout_s)
        self._producer.flush(timeout_s)
        self._graveyard.flush(limit_us)

    def close(self, timeout_s: float | None = None) -> None:
        """Wait for answers, dead letters' too, and end; keys are forgotten."""
        limit_us = wait_until_us(timeout_s)
        try:
            with suppress(TimeoutError, UsageError):
                self.flush(timeout_s)
        finally:
            self._producer.close(timeout_s)
            self._graveyard.close(limit_us)
            self.governor.keys.forget()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *raised: object) -> None:
        # A forked process may leave the block, too: what is to be closed is not here.
        with suppress(ForkedProducerError):
            self.close(None if kind is None else 0)


class Reader:
    """Gives records in plaintext to whoever has the right; safe to use from many threads."""

    def __init__(self, keys: KeyService, *, registry: Registry | None = None, age_us: int | None = None) -> None:
        """`age_us`: how long a data key is held, and so how late a right that is taken away, or a key that is shredded, is heard of."""
        from producer.governance.protection.opener import Opener

        ring = KeyRing(urandom) if age_us is None else KeyRing(urandom, age_us=age_us)
        self._opener = Opener(ring)
        self._asker = _Asker(ring, keys, registry)

    def opened(self, record: Record) -> Record:
        """Give a record in plaintext. Raises KeyServiceError where there is no right or no key, ProtectionError, SchemaRegistryError."""
        return self._asker.known(lambda: self._opener.opened(record, now_us()))
