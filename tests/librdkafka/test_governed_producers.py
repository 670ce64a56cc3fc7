"""Both governed producers against librdkafka's brokers: what its own consumer reads has no secret, and a reader with the right has it all."""

import asyncio
import itertools
from pathlib import Path

import pytest

from producer import AsyncProducer, Producer
from producer.dead_letters import DeadLetteredError
from producer.errors import ProducerError
from producer.governance.async_governed_producer import AsyncGovernedProducer
from producer.governance.errors import KeyForbiddenError, PolicyViolationError
from producer.governance.governed_producer import GovernedProducer, Reader
from producer.governance.policy.file import policy_of
from producer.governance.policy.words import Policy
from producer.governance.protection.key_file import load_keys, save_keys
from producer.governance.protection.local_keys import LocalKeyService
from producer.records import Record
from tests.librdkafka.reading import Found, read_back

WAIT_S = 30
CARD = "4111-1111-1111-1111"
GOOD = f'{{"tenant_id":"acme","card":"{CARD}"}}'.encode()
BAD = f'{{"card":"{CARD}"}}'.encode()

names = itertools.count(1)


@pytest.fixture
def topic() -> str:
    return f"governed-{next(names)}"


@pytest.fixture
def keys(tmp_path: Path) -> LocalKeyService:
    """From a file, as an application has them."""
    made = LocalKeyService()
    made.add_tenant("acme", readers=["billing"])
    save_keys(made, tmp_path / "keys.json")
    return load_keys(tmp_path / "keys.json")


def policy(on_violation: str) -> Policy:
    rule = {
        "match": "governed-*",
        "on_violation": on_violation,
        "required": ["tenant_id"],
        "tenant": {"name": "acme"},
        "protect": {"card": {"by": "encrypt"}},
        "encrypt_value": on_violation == "dead_letter",
    }
    return policy_of({"version": 1, "topics": [rule]})


def on_threads(bootstrap: str, topic: str, keys: LocalKeyService, on_violation: str) -> list[ProducerError | None]:
    inner = Producer({"bootstrap.servers": bootstrap})
    with GovernedProducer(inner, policy(on_violation), keys=keys) as producer:
        futures = producer.send_all([Record(topic, one, partition=0) for one in (GOOD, BAD, GOOD)])
        return [future.exception(WAIT_S) for future in futures]


def on_a_loop(bootstrap: str, topic: str, keys: LocalKeyService, on_violation: str) -> list[ProducerError | None]:
    async def play() -> list[ProducerError | None]:
        inner = AsyncProducer({"bootstrap.servers": bootstrap})
        async with AsyncGovernedProducer(inner, policy(on_violation), keys=keys) as producer:
            futures = await producer.send_all([Record(topic, one, partition=0) for one in (GOOD, BAD, GOOD)])
            await producer.flush(WAIT_S)
            return [future.exception() for future in futures]

    return asyncio.run(play())


def as_record(topic: str, found: Found) -> Record:
    headers = found.headers
    assert isinstance(headers, list)
    return Record(topic, found.value, found.key, headers=tuple(headers))


@pytest.mark.parametrize("send", [on_threads, on_a_loop])
def test_the_good_records_of_a_batch_are_there_and_only_who_has_the_right_reads_them(
    bootstrap: str, topic: str, keys: LocalKeyService, send: object
) -> None:
    assert callable(send)
    told = send(bootstrap, topic, keys, "refuse")

    assert [type(one) for one in told] == [type(None), PolicyViolationError, type(None)]
    found = read_back(bootstrap, topic, 2)
    assert len(found) == 2
    assert not any(CARD.encode() in (one.value or b"") for one in found)
    billing, marketing = (Reader(keys.as_principal(one)) for one in ("billing", "marketing"))
    assert [billing.opened(as_record(topic, one)).value for one in found] == [GOOD, GOOD]
    with pytest.raises(KeyForbiddenError):
        marketing.opened(as_record(topic, found[0]))


@pytest.mark.parametrize("send", [on_threads, on_a_loop])
def test_the_bad_one_lies_among_dead_letters_encrypted_as_well(
    bootstrap: str, topic: str, keys: LocalKeyService, send: object
) -> None:
    assert callable(send)
    told = send(bootstrap, topic, keys, "dead_letter")

    assert [type(one) for one in told] == [type(None), DeadLetteredError, type(None)]
    (letter,) = read_back(bootstrap, f"{topic}.dead", 1)
    assert CARD.encode() not in (letter.value or b"")
    opened = Reader(keys.as_principal("billing")).opened(as_record(topic, letter))
    assert opened.value == BAD
    assert ("acklab.dead.letter.error.name", b"INVALID_RECORD") in opened.headers
