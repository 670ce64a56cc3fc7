"""While a transactional id's change is on its way to the replicas, a simulated coordinator tells everybody what Apache Kafka's tells."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.add_partitions_to_txn import AddPartitionsToTxnRequest, AddPartitionsToTxnTopic
from producer.wire.messages.end_txn import EndTxnRequest
from producer.wire.messages.find_coordinator import FindCoordinatorRequest
from producer.wire.messages.init_producer_id import InitProducerIdRequest
from sim.world.units import SECOND_US
from tests.interop.apache_kafka import ApacheKafka
from tests.interop.asking import ask
from tests.unit.sim.transaction_client import TRANSACTION, TransactionLab

TOPIC = "orders"
TIMEOUT_MS = 60_000
NOTHING_OPEN = Code.INVALID_TXN_STATE.name

Ask = Callable[[ApiKey, Any, int], Any]


def added(who: tuple[int, int]) -> AddPartitionsToTxnRequest:
    return AddPartitionsToTxnRequest((), TRANSACTION, *who, (AddPartitionsToTxnTopic(TOPIC, (0,)),))


def told_of_added(told: Any) -> str:
    return Code(told.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code).name


def told_of_end(told: Any) -> str:
    return Code(told.error_code).name


def told_meanwhile(asked: Ask, pid: int, epoch: int) -> dict[str, str]:
    """What the producer, another producer id, and another epoch are told."""
    found = {
        "init": Code(asked(ApiKey.INIT_PRODUCER_ID, InitProducerIdRequest(TRANSACTION, TIMEOUT_MS), 5).error_code).name
    }
    for title, who in {
        "the producer": (pid, epoch),
        "another epoch": (pid, epoch + 1),
        "another id": (987_654_321, epoch),
    }.items():
        found[f"add, {title}"] = told_of_added(asked(ApiKey.ADD_PARTITIONS_TO_TXN, added(who), 3))
        for version in (4, 5):
            ended = asked(ApiKey.END_TXN, EndTxnRequest(TRANSACTION, *who, True), version)
            found[f"end {version}, {title}"] = told_of_end(ended)
    return found


def in_kafka(kafka: ApacheKafka) -> dict[str, str]:
    """A follower of the coordinator's log stands still."""
    kafka.admin.create_topic(TOPIC)
    coordinator, pid, epoch = identity(kafka)
    port = kafka.nodes[coordinator].listeners["PLAINTEXT"]

    def asked(key: ApiKey, request: Any, version: int) -> Any:
        return ask(port, key, request, version)

    def is_appended() -> bool:
        return told_of_end(asked(ApiKey.END_TXN, EndTxnRequest(TRANSACTION, pid, epoch, True), 4)) != NOTHING_OPEN

    kafka.nodes.wait_for(kafka.admin.lagging_replicas, "replicas to come in sync")
    kafka.pause(next(one for one in kafka.broker_ids if one != coordinator))
    with ThreadPoolExecutor(max_workers=1) as other:
        first = other.submit(asked, ApiKey.ADD_PARTITIONS_TO_TXN, added((pid, epoch)), 3)
        kafka.nodes.wait_for(lambda: [] if is_appended() else [TRANSACTION], "partitions to be on their way")
        found = told_meanwhile(asked, pid, epoch)
        kafka.heal()
        assert told_of_added(first.result()) == Code.NONE.name
    return found


def identity(kafka: ApacheKafka) -> tuple[int, int, int]:
    """The broker that coordinates, a producer id and its epoch."""
    found: list[tuple[int, int, int]] = []

    def missing() -> list[str]:
        for broker_id in kafka.broker_ids:
            port = kafka.nodes[broker_id].listeners["PLAINTEXT"]
            # The first who asks has the topic made.
            ask(port, ApiKey.FIND_COORDINATOR, FindCoordinatorRequest(key_type=1, coordinator_keys=(TRANSACTION,)), 6)
            told = ask(port, ApiKey.INIT_PRODUCER_ID, InitProducerIdRequest(TRANSACTION, TIMEOUT_MS), 5)
            if told.error_code == Code.NONE:
                found.append((broker_id, told.producer_id, told.producer_epoch))
                return []
        return [TRANSACTION]

    kafka.nodes.wait_for(missing, "a coordinator")
    return found[0]


def simulated() -> dict[str, str]:
    """The same of a simulated coordinator, whose only follower stands still."""
    lab = TransactionLab(replica_lag_time_max_us=60 * SECOND_US)
    pid, epoch = lab.identity()
    lab.cluster.pause(2)
    first = lab.send_add(pid, epoch)
    lab.run(0.1)
    found = told_meanwhile(lab.client.connect(lab.coordinator).call, pid, epoch)
    assert first not in lab.line.answers
    return found


def test_what_is_on_its_way_is_told_before_who_may_ask_is_looked_at(kafka: ApacheKafka) -> None:
    there = in_kafka(kafka)

    assert there["end 5, another epoch"] == there["add, another id"] == Code.CONCURRENT_TRANSACTIONS.name
    assert there["end 4, another epoch"] == Code.PRODUCER_FENCED.name
    assert simulated() == there
