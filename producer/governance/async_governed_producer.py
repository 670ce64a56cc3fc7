"""`AsyncGovernedProducer`: an asyncio producer of ours behind a policy; a key service is asked on another thread."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol, Self

from producer.dead_letters.failures import DeadLetteredError, DeadLetterLostError
from producer.dead_letters.letter import dead_letter
from producer.dead_letters.policy import DeadLetterPolicy
from producer.drivers.async_future import AsyncSendFuture
from producer.drivers.clock import epoch_ms, now_us
from producer.errors import ProducerError, SchemaRegistryError, UsageError
from producer.governance.asking import asking
from producer.governance.governed_producer import ask_keys
from producer.governance.governor import Governor, Ruling, Verdict
from producer.governance.protection.entropy import urandom
from producer.governance.protection.key_ring import KeyRing
from producer.governance.protection.key_service import KeyService, MaskKey, NewDataKey, UnwrapDataKey
from producer.records import Record, header_pairs
from producer.schemas.schema import FormatNotInstalledError, InvalidSchemaError

if TYPE_CHECKING:
    from producer.drivers.interceptors import OnDelivery
    from producer.governance.asking import Told, Wanted
    from producer.governance.policy.words import Policy
    from producer.serialization.registry.calls import Call


class AsyncSends(Protocol):
    """What is asked of the producer that is wrapped; `producer.AsyncProducer` is one."""

    async def send_record(self, record: Record, on_delivery: OnDelivery | None = None) -> AsyncSendFuture: ...

    async def flush(self, timeout_s: float | None = None) -> None: ...

    async def close(self, timeout_s: float | None = None) -> None: ...


class AsyncRegistry(Protocol):
    """Whoever is asked for schemas."""

    def ask(self, call: Call) -> Awaitable[Any]:
        """Give the JSON of the answer. Raises SchemaRegistryError."""
        ...


class AsyncGovernedProducer:
    """A producer whose records go out as a policy wants them; for the tasks of one loop. It rules as `GovernedProducer` does."""

    def __init__(
        self,
        producer: AsyncSends,
        policy: Policy,
        *,
        keys: KeyService | None = None,
        registry: AsyncRegistry | None = None,
        dead_letters: DeadLetterPolicy | None = None,
        draw: Callable[[int], bytes] = urandom,
    ) -> None:
        """Wrap `producer`, which is closed with this one. `keys` may block: it is asked on the loop's executor."""
        self.inner = self._producer = producer
        """Its transactional calls are to be made there; a record that is refused is no part of a transaction."""
        self._ring = KeyRing(draw, age_us=policy.data_key_age_us, uses_max=policy.data_key_uses)
        self.governor = Governor(policy, self._ring)
        self._keys = keys
        self._registry = registry
        self._letters = dead_letters if dead_letters is not None else DeadLetterPolicy()

    def __repr__(self) -> str:
        return f"AsyncGovernedProducer({self.governor.policy.name or 'a policy'})"

    async def send(
        self,
        topic: str,
        value: bytes | None = None,
        *,
        key: bytes | None = None,
        partition: int | None = None,
        headers: Iterable[tuple[str, bytes | None]] = (),
        timestamp_ms: int | None = None,
        on_delivery: OnDelivery | None = None,
    ) -> AsyncSendFuture:
        """Rule on one record, which is in bytes, and queue it; waits and raises as `AsyncProducer.send` does."""
        record = Record(topic, value, key, partition, header_pairs(headers) if headers else (), timestamp_ms)
        return await self.send_record(record, on_delivery)

    async def send_record(self, record: Record, on_delivery: OnDelivery | None = None) -> AsyncSendFuture:
        """Do as `send` does, with a record as a value. For a dead letter its acknowledgement is waited for in here."""
        ruling = await self.ruling(record)
        if ruling.verdict is Verdict.PASSED:
            assert ruling.record is not None, "what passes goes on"
            return await self._producer.send_record(ruling.record, on_delivery)
        assert ruling.error is not None, "what does not pass is told why"
        error = ruling.error if ruling.record is None else await self._buried(ruling.record, ruling.error)
        future = AsyncSendFuture(_NOBODY, on_delivery)
        future.resolve(error, 0)
        return future

    async def send_all(self, records: Iterable[Record], on_delivery: OnDelivery | None = None) -> list[AsyncSendFuture]:
        """Send each record of a batch by itself: the good ones pass. What `send_record` raises ends that record's future."""
        futures = []
        for record in records:
            try:
                futures.append(await self.send_record(record, on_delivery))
            except ProducerError as error:
                futures.append(AsyncSendFuture(_NOBODY, on_delivery))
                futures[-1].resolve(error, 0)
        return futures

    async def ruling(self, record: Record) -> Ruling:
        """Rule on a record and send nothing; its keys are asked for. Raises UsageError for what is no record in bytes."""
        if record.value is not None and not isinstance(record.value, bytes):
            raise UsageError(f"value is a {type(record.value).__name__}, must be bytes or None")
        steps = asking(lambda: self.governor.ruling(record, now_us()), self._ring, now_us)
        try:
            wanted = next(steps)
            while True:
                wanted = steps.send(await self._answer(wanted))
        except StopIteration as end:
            told: Ruling = end.value
            return told
        except (SchemaRegistryError, InvalidSchemaError, FormatNotInstalledError) as error:
            return Ruling(Verdict.REFUSED, None, (), error)

    async def flush(self, timeout_s: float | None = None) -> None:
        """Wait until everything sent so far has its answer. Raises TimeoutError."""
        await self._producer.flush(timeout_s)

    async def close(self, timeout_s: float | None = None) -> None:
        """Wait for answers, and end; keys are forgotten."""
        try:
            await self._producer.close(timeout_s)
        finally:
            self._ring.forget()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *raised: object) -> None:
        await self.close(None if kind is None else 0)

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _answer(self, wanted: Wanted) -> Told:
        if isinstance(wanted, (NewDataKey, UnwrapDataKey, MaskKey)):
            return await asyncio.get_running_loop().run_in_executor(None, ask_keys, wanted, self._keys)
        if self._registry is None:
            raise SchemaRegistryError("a value's schema", detail="there is no registry to ask")
        try:
            call = next(wanted)
            while True:
                try:
                    told = await self._registry.ask(call)
                except SchemaRegistryError as error:
                    call = wanted.throw(error)
                else:
                    call = wanted.send(told)
        except StopIteration:
            return None

    async def _buried(self, record: Record, error: ProducerError) -> ProducerError:
        letter = dead_letter(record, error, to=self._letters.topic_for(record.topic), failed_at_ms=epoch_ms())
        try:
            future = await self._producer.send_record(letter)
            return DeadLetteredError(error, await future)
        except ProducerError as lost:
            return DeadLetterLostError(error, lost)


class _Nobody:
    """Whom a future asks that has its answer from the beginning."""

    def answered(self, future: AsyncSendFuture, /) -> Awaitable[None]:
        raise AssertionError(f"{future} has its answer")


_NOBODY = _Nobody()
