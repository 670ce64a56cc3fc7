"""The scenarios `new_epoch_repeats_a_record` and `lowered_limit_repeats_a_batch` staged on Apache Kafka, beside Java's producer.

In both a batch is in the log, waits for another attempt, and comes again under a number that the broker cannot recognise.
"""

import json
from typing import Any

import pytest

from producer import Producer, SendError
from producer.errors import Code
from tests.interop.apache_kafka import ApacheKafka
from tests.interop.command import acklab
from tests.interop.reading import read_topic
from tests.interop.side_by_side import Stage

STAGED, PROBED = 0, 1
"""Two partitions led by the same broker: the second one tells when the topic's new configuration holds there."""
REPLICAS = [[1, 2, 3], [1, 2, 3]]
FOLLOWER = 3
WAIT_S = 30
REMEDY = {"acklab.renumber.in.doubt": False}
UNHURRIED = {"retry.backoff.ms": 20_000, "retry.backoff.max.ms": 20_000}
"""Time for us to change something before the next attempt: beside two other Kafkas on two cores ten seconds were not enough."""


def staged(kafka: ApacheKafka, topic: str) -> list[int]:
    return [int(one.value.split()[0]) for one in read_topic(kafka.bootstrap, topic) if one.partition == STAGED]


def is_duplicated(scenario: str, properties: dict[str, Any]) -> bool:
    """What the simulator makes of the scenario."""
    words = [f"--set={name}={str(value).lower()}" for name, value in properties.items()]
    verdicts = json.loads(acklab("run", scenario, *words, "--json").stdout)["verdicts"]
    return any(verdict["guarantee"] == "duplicated" and verdict["findings"] for verdict in verdicts)


@pytest.mark.parametrize(("ours", "left"), [({}, [0, 1, 1, 3]), (REMEDY, [0, 1, 3])], ids=["as Java", "remedy"])
def test_a_new_epoch_repeats_a_record_that_is_in_the_log(
    kafka: ApacheKafka, stage: Stage, ours: dict[str, Any], left: list[int]
) -> None:
    both = stage.start(
        {"linger.ms": 0} | UNHURRIED | ours,
        java={"linger.ms": 0} | UNHURRIED,
        partitions=len(REPLICAS),
        replicas=REPLICAS,
        topic_config={"min.insync.replicas": "2", "max.message.bytes": "20000"},
        is_proxied=True,
    )
    both.send(partition=STAGED)
    both.wait_told()
    for proxy in both.proxies:
        proxy.hold()
        proxy.hurry(500)
    for held, value_bytes in enumerate((9_000, 30_000, 9_000), start=1):
        both.send(partition=STAGED, value_bytes=value_bytes)
        for proxy in both.proxies:
            proxy.wait_held(held)

    # The first is appended, and denied while a follower stands still: REQUEST_TIMED_OUT.
    kafka.pause(FOLLOWER)
    for proxy in both.proxies:
        proxy.let_pass(1)
    both.wait_metric("record-retry-total")
    for proxy in both.proxies:
        proxy.release()
    both.wait_told()

    assert both.codes(2) == {"MESSAGE_TOO_LARGE"}
    assert {side.producer.name: staged(kafka, side.topic) for side in both.sides} == {
        "ours": left,
        "java": [0, 1, 1, 3],
    }
    assert both.ours.producer.acknowledged == both.java.producer.acknowledged == 3
    assert is_duplicated("new_epoch_repeats_a_record", ours) == (left.count(1) > 1)


@pytest.mark.parametrize(
    ("ours", "left"), [({}, [0, 1, 2, 3, 1, 2, 3]), (REMEDY, [0, 1, 2, 3])], ids=["as Java", "remedy"]
)
def test_a_split_repeats_a_batch_that_is_in_the_log(
    kafka: ApacheKafka, stage: Stage, ours: dict[str, Any], left: list[int]
) -> None:
    both = stage.start(
        {"linger.ms": 500} | UNHURRIED | ours,
        java={"linger.ms": 500} | UNHURRIED,
        partitions=len(REPLICAS),
        replicas=REPLICAS,
        topic_config={"min.insync.replicas": "2"},
        is_proxied=True,
    )
    both.send(partition=STAGED)
    both.wait_told()
    probe = stage.closing.enter_context(Producer({"bootstrap.servers": kafka.bootstrap}))
    for topic in both.topics:
        assert is_taken(probe, topic)
    for proxy in both.proxies:
        proxy.lose_next_answer()
    for _ in range(3):
        both.send(partition=STAGED, value_bytes=2_000)
    for proxy in both.proxies:
        proxy.wait_lost()

    for topic in both.topics:
        kafka.admin.set_topic_config(topic, "max.message.bytes", "4000")
        while is_taken(probe, topic):
            pass
    both.wait_told()

    assert {side.producer.name: staged(kafka, side.topic) for side in both.sides} == {
        "ours": left,
        "java": [0, 1, 2, 3, 1, 2, 3],
    }
    assert both.java.producer.acknowledged == 4
    assert both.ours.producer.acknowledged == (1 if ours else 4)
    assert is_duplicated("lowered_limit_repeats_a_batch", ours) == (len(left) > both.sent)


def is_taken(probe: Producer, topic: str) -> bool:
    """Whether the topic takes what is soon to be too large for it."""
    error = probe.send(topic, bytes(5_000), partition=PROBED).exception(WAIT_S)
    if error is not None and not (isinstance(error, SendError) and error.code.code == Code.MESSAGE_TOO_LARGE):
        raise error
    return error is None
