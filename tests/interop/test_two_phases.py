"""What Apache Kafka has of two-phase commit (KIP-939), asked itself: half of it, and that only for who speaks an unstable version.

Our producer is ahead of it, and says so. The day one of these fails Apache Kafka has come further.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from producer import FatalTransactionError, Producer, TransactionRefusedError
from tests.interop.apache_kafka import ApacheKafka
from tests.interop.conftest import LOGGED, topic_name
from tests.interop.transactional import read, wait_read

TWO_PHASES = "transaction.two.phase.commit.enable"
PATIENCE_MS = 1_000
ALONE = {
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.max.timeout.ms": str(PATIENCE_MS),
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500",
}
UNSTABLE = {"unstable.api.versions.enable": "true"}

Started = Callable[[dict[str, str]], ApacheKafka]


@pytest.fixture
def started(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Started]:
    """One broker with these properties."""
    running: list[ApacheKafka] = []

    def start(properties: dict[str, str]) -> ApacheKafka:
        kafka = ApacheKafka(tmp_path_factory.mktemp("kafka"), brokers=1, properties=ALONE | properties)
        running.append(kafka.__enter__())
        request.config.stash[LOGGED]["Apache Kafka, alone"] = kafka
        return kafka

    yield start
    for kafka in running:
        kafka.close()


def two_phase_producer(kafka: ApacheKafka) -> Producer:
    return Producer({"bootstrap.servers": kafka.bootstrap, "transactional.id": "sink", TWO_PHASES: "true"})


def test_two_phases_are_not_offered_to_who_asks_for_stable_versions(started: Started) -> None:
    kafka = started({TWO_PHASES: "true"})

    with two_phase_producer(kafka) as made, pytest.raises(FatalTransactionError, match="ahead of Apache Kafka"):
        made.init_transactions()


def test_in_an_unstable_version_they_are_refused_unless_the_broker_s_setting_is_on(started: Started) -> None:
    kafka = started(UNSTABLE)

    with two_phase_producer(kafka) as made, pytest.raises(TransactionRefusedError) as refused:
        made.init_transactions()

    assert refused.value.code.name == "TRANSACTIONAL_ID_AUTHORIZATION_FAILED"


def test_with_the_setting_a_prepared_transaction_outlasts_every_time_out_and_nothing_is_kept(
    started: Started, request: pytest.FixtureRequest
) -> None:
    kafka = started(UNSTABLE | {TWO_PHASES: "true"})
    topic = topic_name(request)
    kafka.admin.create_topic(topic, partitions=1)

    with two_phase_producer(kafka) as made:
        made.init_transactions()
        made.begin_transaction()
        made.send(topic, b"a")
        prepared = made.prepare_transaction()
        # Every time-out that the broker allows, and several looks of its coordinator, on the clock on the wall.
        time.sleep(5 * PATIENCE_MS / 1_000)
        assert read(kafka.bootstrap, topic) == []
        made.complete_transaction(prepared)
        wait_read(kafka.bootstrap, topic, ["a"])
        made.begin_transaction()
        made.send(topic, b"b")
        made.prepare_transaction()
    with two_phase_producer(kafka) as successor, pytest.raises(FatalTransactionError, match="ahead of Apache Kafka"):
        successor.init_transactions(keep_prepared=True)
    with two_phase_producer(kafka) as successor:
        successor.init_transactions()
    wait_read(kafka.bootstrap, topic, ["a"])
