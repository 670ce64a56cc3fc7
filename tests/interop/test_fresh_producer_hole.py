"""The scenario `fresh_producer_hole` staged on Apache Kafka: the default configuration repeats and reorders, in Java as here.

The first batch of a new producer is refused for a passing reason while the second is on its way; the second is taken, since
a broker that knows nothing of a producer takes any sequence; and its answer is lost.
"""

import json
from typing import Any

import pytest

from producer import Producer
from tests.interop.apache_kafka import ApacheKafka
from tests.interop.command import acklab
from tests.interop.reading import read_topic
from tests.interop.side_by_side import SideBySide, Stage

STAGED, PROBED = 0, 1
"""Two partitions led by the same broker: the second one tells when the topic's new configuration holds there."""
REPLICAS = [[1, 2, 3], [1, 2, 3]]
FOLLOWER = 3
WAIT_S = 30
REMEDY = {"acklab.fresh.producer.pipelining": False}


def send_through_two_mishaps(kafka: ApacheKafka, both: SideBySide, *, in_flight: int) -> None:
    """Send two batches; the first is refused once, the next one that is taken loses its answer."""
    kafka.stop(FOLLOWER)
    for proxy in both.proxies:
        proxy.hold()
    for sent in (1, 2):
        both.send(partition=STAGED)
        for proxy in both.proxies:
            proxy.wait_held(min(sent, in_flight))

    # NOT_ENOUGH_REPLICAS for the first batch; then the topic asks for less.
    for proxy in both.proxies:
        proxy.let_pass(1)
    both.wait_metric("record-retry-total")
    for topic in both.topics:
        kafka.admin.set_topic_config(topic, "min.insync.replicas", "2")
        with Producer({"bootstrap.servers": kafka.bootstrap}) as probe:
            probe.send(topic, b"", partition=PROBED).result(WAIT_S)

    for proxy in both.proxies:
        proxy.lose_next_answer()
        proxy.let_pass(1)
        proxy.wait_lost()
        proxy.release()
    both.wait_told()


def simulated(*words: str) -> dict[str, bool]:
    """What the simulator makes of the scenario: whether each guarantee is broken."""
    done = acklab("run", "fresh_producer_hole", *words, "--json")
    return {verdict["guarantee"]: bool(verdict["findings"]) for verdict in json.loads(done.stdout)["verdicts"]}


# Our remedy holds until a partition has acknowledged something; Java's producer can only do with one request at a time for good.
@pytest.mark.parametrize(
    ("ours", "java", "in_flight", "left"),
    [({}, {}, 2, [1, 0, 1]), (REMEDY, {"max.in.flight.requests.per.connection": 1}, 1, [0, 1])],
    ids=["default", "one at first"],
)
def test_a_new_producer_that_pipelines_repeats_and_reorders(
    kafka: ApacheKafka, stage: Stage, ours: dict[str, Any], java: dict[str, Any], in_flight: int, left: list[int]
) -> None:
    both = stage.start(
        {"linger.ms": 0} | ours,
        java={"linger.ms": 0} | java,
        partitions=len(REPLICAS),
        replicas=REPLICAS,
        topic_config={"min.insync.replicas": "3"},
        is_proxied=True,
    )

    send_through_two_mishaps(kafka, both, in_flight=in_flight)

    for side in both.sides:
        read = read_topic(kafka.bootstrap, side.topic)
        assert [int(record.value) for record in read if record.partition == STAGED] == left
    assert both.ours.producer.acknowledged == both.java.producer.acknowledged == both.sent
    both.assert_alike()

    is_broken = simulated(*(f"--set={name}={str(value).lower()}" for name, value in ours.items()))
    assert is_broken["duplicated"] == (left.count(1) > 1)
    assert is_broken["reordered"] == (left != sorted(left))
    assert not is_broken["lost"]
