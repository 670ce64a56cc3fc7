"""A producer behind a policy: of a batch the good records pass, and each of the others is told why, on threads and on asyncio."""

import asyncio
import os
from typing import Any

import pytest

from producer.dead_letters import DeadLetteredError
from producer.drivers.async_future import AsyncSendFuture
from producer.errors import UsageError
from producer.events import BatchMetadata
from producer.governance.async_governed_producer import AsyncGovernedProducer
from producer.governance.errors import KeyForbiddenError, NoSuchKeyError, PolicyViolationError
from producer.governance.governed_producer import GovernedProducer, Reader
from producer.governance.policy.file import policy_of
from producer.records import Record
from tests.unit.producer.dead_letters.desk import WAIT_S
from tests.unit.producer.dead_letters.desk import Desk as Kafka
from tests.unit.producer.governance.keys import service

GOOD = b'{"tenant_id":"acme","card":"4111-1111"}'
POLICY = {
    "match": "orders",
    "required": ["tenant_id"],
    "tenant": {"field": "tenant_id"},
    "protect": {"card": {"by": "encrypt"}},
}
REFUSING = policy_of({"version": 1, "topics": [POLICY]})
BURYING = policy_of({"version": 1, "topics": [{**POLICY, "on_violation": "dead_letter"}]})
BATCH = [Record("orders", GOOD), Record("orders", b'{"card":"4111-1111"}'), Record("orders", GOOD)]


def kafka() -> Kafka:
    return Kafka(lambda _record: None)


def test_of_a_batch_the_good_records_pass_and_the_bad_one_is_told_why() -> None:
    desk = kafka()
    heard: list[Any] = []

    with GovernedProducer(desk, REFUSING, keys=service("acme")) as producer:
        futures = producer.send_all(BATCH, lambda _, error: heard.append(error))

        assert [future.exception(WAIT_S) is None for future in futures] == [True, False, True]
        assert isinstance(futures[1].exception(WAIT_S), PolicyViolationError)
    assert sum(isinstance(error, PolicyViolationError) for error in heard) == 1
    assert [record.topic for record in desk.sent] == ["orders", "orders"]
    assert not any(b"4111" in (record.value or b"") for record in desk.sent)


def test_a_bad_record_goes_to_dead_letters_and_its_future_says_where() -> None:
    desk = kafka()

    with GovernedProducer(desk, BURYING, keys=service("acme")) as producer:
        error = producer.send_record(BATCH[1]).exception(WAIT_S)

    assert isinstance(error, DeadLetteredError)
    assert isinstance(error.cause, PolicyViolationError)
    assert [record.topic for record in desk.sent] == ["orders.dead"]
    assert b"4111" not in (desk.sent[0].value or b"")


def test_a_reader_with_the_right_reads_and_another_is_told_that_it_has_none() -> None:
    desk, keys = kafka(), service("acme")
    keys.grant("acme", readers=["billing"])
    with GovernedProducer(desk, REFUSING, keys=keys) as producer:
        producer.send("orders", GOOD).result(WAIT_S)

    assert Reader(keys.as_principal("billing")).opened(desk.sent[0]).value == GOOD
    with pytest.raises(KeyForbiddenError):
        Reader(keys.as_principal("marketing")).opened(desk.sent[0])


def test_a_right_that_is_taken_away_is_heard_of_when_the_data_key_is_too_old() -> None:
    desk, keys = kafka(), service("acme")
    with GovernedProducer(desk, REFUSING, keys=keys) as producer:
        producer.send("orders", GOOD).result(WAIT_S)
    reader = Reader(keys.as_principal("billing"), age_us=3_600_000_000)
    assert reader.opened(desk.sent[0]).value == GOOD
    keys.grant("acme", readers=["nobody"])

    assert reader.opened(desk.sent[0]).value == GOOD
    with pytest.raises(KeyForbiddenError):
        Reader(keys.as_principal("billing")).opened(desk.sent[0])


def test_without_a_key_service_nothing_that_is_to_be_hidden_leaves() -> None:
    desk = kafka()

    with GovernedProducer(desk, REFUSING) as producer:
        assert isinstance(producer.send("orders", GOOD).exception(WAIT_S), NoSuchKeyError)
    assert desk.sent == []


def test_what_is_no_record_in_bytes_is_the_caller_s_error() -> None:
    with GovernedProducer(kafka(), REFUSING) as producer, pytest.raises(UsageError, match="value is a dict, must be"):
        producer.send("orders", {"tenant_id": "acme"})


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
def test_a_forked_process_does_not_count_on_with_the_same_key() -> None:
    producer = GovernedProducer(kafka(), REFUSING, keys=service("acme"))
    first = producer.ruling(BATCH[0]).record
    reads, writes = os.pipe()

    child = os.fork()
    if not child:
        made = producer.ruling(BATCH[0]).record
        os.write(writes, made.value or b"" if made else b"")
        os._exit(0)
    os.waitpid(child, 0)
    theirs, ours = os.read(reads, 10_000), producer.ruling(BATCH[0]).record

    assert first is not None
    assert ours is not None
    assert theirs.startswith(b'{"tenant_id":"acme","card":"enc1:')
    assert theirs != ours.value


class AsyncKafka:
    def __init__(self) -> None:
        self.sent: list[Record] = []

    async def send_record(self, record: Record, on_delivery: Any = None) -> AsyncSendFuture:
        self.sent.append(record)
        future = AsyncSendFuture(self, on_delivery)
        sizes = [len(record.key or b"")], [len(record.value or b"")]
        future.resolve(BatchMetadata(record.topic, 0, len(self.sent) - 1, -1, [1], *sizes), 0)
        return future

    async def answered(self, future: AsyncSendFuture) -> None:
        raise AssertionError("it has its answer")

    async def flush(self, timeout_s: float | None = None) -> None: ...

    async def close(self, timeout_s: float | None = None) -> None: ...


def test_on_asyncio_the_good_records_pass_as_well() -> None:
    desk = AsyncKafka()

    async def play() -> list[Any]:
        async with AsyncGovernedProducer(desk, REFUSING, keys=service("acme")) as producer:
            futures = await producer.send_all(BATCH)
        async with AsyncGovernedProducer(desk, BURYING, keys=service("acme")) as producer:
            futures.append(await producer.send("orders", b"{}"))
        return [future.exception() for future in futures]

    told = asyncio.run(play())

    assert [type(one) for one in told] == [type(None), PolicyViolationError, type(None), DeadLetteredError]
    assert [record.topic for record in desk.sent] == ["orders", "orders", "orders.dead"]
    assert not any(b"4111" in (record.value or b"") for record in desk.sent)
