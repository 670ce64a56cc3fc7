"""The scenario `rebootstrap_believes_a_deposed_leader` staged on Apache Kafka: every property of Java's producer at its default.

The deposed leader is woken while the controller stands still, so that it learns nothing of the election that it slept through.
"""

import json
import time
from typing import Any

import pytest

from tests.interop.apache_kafka import ApacheKafka
from tests.interop.command import acklab
from tests.interop.layout import CONTROLLER
from tests.interop.reading import read_topic
from tests.interop.side_by_side import Side, SideBySide, Stage

DEPOSED = 1
REPLICAS = [[1, 2, 3]]
CUT_OFF_S = 1
"""Long enough for a producer that can reach nobody to begin again, short enough for nobody to be fenced meanwhile (6 s)."""
JAVA_S_WAY = {"acklab.remember.leaders": False}
ONCE, TWICE = [0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 4]


def begin_again_at_a_deposed_leader(kafka: ApacheKafka, both: SideBySide, deceived: tuple[Side, ...]) -> None:
    """Lose the answer to the last record, and the network with it; of all brokers the deposed one is back first."""
    ports = {broker: kafka.nodes[broker].listeners["PLAINTEXT"] for broker in kafka.broker_ids}
    both.send(partition=0)
    both.wait_told()

    kafka.pause(DEPOSED)
    both.wait_new_leader(0, after=DEPOSED)
    for proxy in both.proxies:
        proxy.refuse(ports[DEPOSED])
    for _ in range(3):
        both.send(partition=0)
        both.wait_told()

    kafka.pause(CONTROLLER)
    kafka.resume(DEPOSED)
    for proxy in both.proxies:
        proxy.lose_next_answer_and_refuse()
    both.send(partition=0)
    for proxy in both.proxies:
        proxy.wait_lost()
    time.sleep(CUT_OFF_S)
    before = {side.topic: log_bytes(kafka, side.topic) for side in both.sides}
    for proxy in both.proxies:
        proxy.accept(ports[DEPOSED])
    kafka.nodes.wait_for(
        lambda: [side.topic for side in deceived if log_bytes(kafka, side.topic) == before[side.topic]],
        "the deposed leader to be written to",
    )

    kafka.resume(CONTROLLER)
    for proxy in both.proxies:
        for port in ports.values():
            proxy.accept(port)
    both.wait_told()


def log_bytes(kafka: ApacheKafka, topic: str) -> int:
    """How much the deposed leader holds of a topic."""
    return sum(segment.stat().st_size for segment in kafka.segments(DEPOSED, topic))


def simulated(**properties: str) -> list[int]:
    """The record of each value that the simulator reads back at the end of the scenario."""
    words = [f"--set={name.replace('_', '.')}={value}" for name, value in properties.items()]
    done = acklab("run", "rebootstrap_believes_a_deposed_leader", *words, "--json")
    (duplicated,) = [one for one in json.loads(done.stdout)["verdicts"] if one["guarantee"] == "duplicated"]
    return sorted([*range(5), *(finding["record"] - 1 for finding in duplicated["findings"])])


@pytest.mark.parametrize(("ours", "left"), [(JAVA_S_WAY, TWICE), ({}, ONCE)], ids=["as Java", "leaders are remembered"])
def test_java_believes_a_deposed_leader_and_its_record_is_there_twice(
    kafka: ApacheKafka, stage: Stage, ours: dict[str, Any], left: list[int]
) -> None:
    both = stage.start(ours, java={}, replicas=REPLICAS, topic_config={"min.insync.replicas": "2"}, is_proxied=True)
    deceived = both.sides if left == TWICE else (both.java,)

    begin_again_at_a_deposed_leader(kafka, both, deceived)

    read = {
        side.producer.name: [int(one.value) for one in read_topic(kafka.bootstrap, side.topic)] for side in both.sides
    }
    assert read == {"ours": left, "java": TWICE}
    assert both.ours.producer.acknowledged == both.java.producer.acknowledged == both.sent
    assert simulated(acklab_remember_leaders=str(left == ONCE).lower()) == left
