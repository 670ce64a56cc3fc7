"""Two-phase commit on real sockets, with threads and on asyncio (KIP-939, ahead of Apache Kafka): a successor ends what was prepared."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from producer import (
    AsyncProducer,
    FatalTransactionError,
    PreparedTransaction,
    Producer,
    ProducerFencedError,
    TransactionStateError,
    UsageError,
)
from sim.serve.stage import Stage
from tests.serve.served import Served
from tests.serve.test_transactions import LIMIT_S, SETTINGS, read

TWO_PHASES = ("transaction.two.phase.commit.enable", "true")
STAGE = Stage(topics=("orders:2:3", "paid:1:3"), settings=(*SETTINGS, TWO_PHASES))


@pytest.fixture
def cluster() -> Iterator[Served]:
    with Served(STAGE) as served:
        yield served


def properties(cluster: Served, **more: str) -> dict[str, str]:
    given = {"bootstrap.servers": cluster.bootstrap, "transactional.id": "sink", TWO_PHASES[0]: TWO_PHASES[1]}
    return given | {name.replace("_", "."): value for name, value in more.items()}


def test_a_successor_commits_what_was_prepared_and_aborts_what_was_not_decided_on(cluster: Served) -> None:
    with Producer(properties(cluster)) as first:
        assert first.init_transactions(LIMIT_S) == PreparedTransaction()
        first.begin_transaction()
        first.send("orders", b"1")
        prepared = first.prepare_transaction(LIMIT_S)
        with pytest.raises(TransactionStateError):
            first.send("orders", b"too late")
    written = str(prepared)

    with Producer(properties(cluster)) as second:
        assert second.init_transactions(LIMIT_S, keep_prepared=True) == prepared
        second.complete_transaction(written, LIMIT_S)
        second.begin_transaction()
        second.send("orders", b"2")
        second.prepare_transaction(LIMIT_S)
    with Producer(properties(cluster)) as third:
        assert third.init_transactions(LIMIT_S, keep_prepared=True).has_transaction
        third.complete_transaction(written, LIMIT_S)

    assert read(cluster, "orders") == [b"1"]


def test_the_same_on_asyncio(cluster: Served) -> None:
    async def story() -> None:
        async with AsyncProducer(properties(cluster)) as first:
            await first.init_transactions(LIMIT_S)
            first.begin_transaction()
            await first.send("orders", b"1")
            prepared = await first.prepare_transaction(LIMIT_S)
        async with AsyncProducer(properties(cluster)) as second:
            assert await second.init_transactions(LIMIT_S, keep_prepared=True) == prepared
            await second.complete_transaction(prepared, LIMIT_S)

    asyncio.run(story())

    assert read(cluster, "orders") == [b"1"]


def test_an_older_instance_ends_nothing_any_more(cluster: Served) -> None:
    with Producer(properties(cluster)) as zombie, Producer(properties(cluster)) as successor:
        zombie.init_transactions(LIMIT_S)
        zombie.begin_transaction()
        zombie.send("orders", b"1")
        prepared = zombie.prepare_transaction(LIMIT_S)
        successor.init_transactions(LIMIT_S, keep_prepared=True)

        with pytest.raises(ProducerFencedError):
            zombie.abort_transaction(LIMIT_S)
        successor.complete_transaction(prepared, LIMIT_S)

    assert read(cluster, "orders") == [b"1"]


@pytest.mark.parametrize("decided", ["7000", b"7000:1", None, (7_000, 1)])
def test_what_is_no_prepared_transaction_is_named_and_nothing_ends(cluster: Served, decided: object) -> None:
    with Producer(properties(cluster)) as made:
        made.init_transactions(LIMIT_S)
        made.begin_transaction()
        made.send("orders", b"1")
        prepared = made.prepare_transaction(LIMIT_S)

        with pytest.raises(UsageError, match="prepared transaction"):
            made.complete_transaction(decided)  # type: ignore[arg-type]
        made.complete_transaction(prepared, LIMIT_S)

    assert read(cluster, "orders") == [b"1"]


def test_before_brokers_without_it_the_error_says_that_it_is_ahead_of_apache_kafka() -> None:
    with (
        Served(Stage(topics=("orders:1:3",), settings=SETTINGS)) as cluster,
        Producer(properties(cluster)) as made,
        pytest.raises(FatalTransactionError, match="ahead of Apache Kafka"),
    ):
        made.init_transactions(LIMIT_S)
