"""The scenarios `stolen_producer_id` and `stale_epoch_is_fenced` staged on Apache Kafka, Java's producer beside ours: raw requests under others' ids."""

import json
from dataclasses import replace
from typing import Any

import pytest

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.describe_producers import DescribeProducersRequest, ProducerState, TopicRequest
from producer.wire.messages.produce import ProducePartition, ProduceRequest, ProduceTopic
from producer.wire.record_batch import encode_batch
from sim.faults import RawWrite
from sim.faults.schedule import At, Entry
from sim.stories.runner import run
from sim.stories.scenario import Phase, load
from sim.trace.events import ProduceAnswered
from sim.world.units import SECOND_US
from tests.interop.apache_kafka import ApacheKafka
from tests.interop.asking import ANSWER_S_MAX, ask
from tests.interop.command import acklab
from tests.interop.reading import read_topic
from tests.interop.side_by_side import Stage

REPLICAS = [[1, 2, 3]]
THIEF = "thief"
MADE_UP = 7_000_000
"""A producer id that no broker here hands out."""


def ask_leader(kafka: ApacheKafka, topic: str, key: ApiKey, request: Any, version: int) -> Any:
    """Ask the leader of partition 0."""
    return ask(kafka.nodes[kafka.admin.leader(topic, 0)].listeners["PLAINTEXT"], key, request, version)


def write(
    kafka: ApacheKafka, topic: str, *, producer_id: int, epoch: int, sequence: int, records: int = 1
) -> tuple[str, int]:
    """Write one batch; gives the code, and the offset of its first record."""
    batch = encode_batch(
        [(None, THIEF.encode(), (), 1_000)] * records,
        producer_id=producer_id,
        producer_epoch=epoch,
        base_sequence=sequence,
    )
    data = (ProduceTopic(name=topic, partition_data=(ProducePartition(0, batch),)),)
    told = ask_leader(kafka, topic, ApiKey.PRODUCE, ProduceRequest(None, -1, ANSWER_S_MAX * 1_000, data), 12)
    part = told.responses[0].partition_responses[0]
    return Code(part.error_code).name, part.base_offset


def producer_of(kafka: ApacheKafka, topic: str) -> ProducerState:
    """The one producer that the leader remembers."""
    request = DescribeProducersRequest((TopicRequest(topic, (0,)),))
    told = ask_leader(kafka, topic, ApiKey.DESCRIBE_PRODUCERS, request, 0).topics[0].partitions[0]
    state: ProducerState
    (state,) = told.active_producers
    return state


# -- a foreign batch in a running producer's place ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "left", "epoch"),
    [(1, ["0", "1", "2", THIEF, "4"], 0), (2, ["0", "1", "2", THIEF, THIEF, "3", "4"], 1)],
    ids=["of the same size", "of another size"],
)
def test_a_foreign_batch_takes_the_place_of_the_producer_s_own_or_costs_it_its_epoch(
    kafka: ApacheKafka, stage: Stage, records: int, left: list[str], epoch: int
) -> None:
    both = stage.start({"linger.ms": 0}, replicas=REPLICAS)
    for _ in range(3):
        both.send(partition=0)
        both.wait_told()

    for topic in both.topics:
        known = producer_of(kafka, topic)
        assert (known.producer_epoch, known.last_sequence) == (0, 2)
        told = write(kafka, topic, producer_id=known.producer_id, epoch=0, sequence=3, records=records)
        assert told == ("NONE", 3)
    for _ in range(2):
        both.send(partition=0)
        both.wait_told()

    both.assert_alike()
    assert both.ours.producer.acknowledged == both.java.producer.acknowledged == both.sent
    for topic in both.topics:
        assert [one.value.strip() for one in read_topic(kafka.bootstrap, topic)] == left
        known = producer_of(kafka, topic)
        assert known.producer_epoch == epoch
        if epoch:
            due = write(kafka, topic, producer_id=known.producer_id, epoch=0, sequence=3 + records)
            assert due == ("INVALID_PRODUCER_EPOCH", -1)


def test_the_simulator_loses_the_same_record() -> None:
    done = acklab("run", "stolen_producer_id", "--json")

    (lost,) = [one for one in json.loads(done.stdout)["verdicts"] if one["guarantee"] == "lost"]
    assert [finding["record"] for finding in lost["findings"]] == [4]


# -- epochs and sequences ----------------------------------------------------------------------------------------------

SENT = (
    (0, 0, 1),
    (0, 1, 2),
    (0, 1, 2),  # the same once more
    (0, 1, 1),  # a part of it
    (0, 4, 1),  # a gap
    (1, 3, 1),  # a new epoch that does not begin at its beginning
    (1, 0, 1),
    (0, 3, 1),  # what was due in the old one
    (0, 0, 1),  # what was written in the old one
    (3, 0, 5),
    (2, 0, 1),
)
"""(epoch, sequence, records) under one id, one after the other."""


def test_a_simulated_leader_answers_every_epoch_and_sequence_as_kafka_does(kafka: ApacheKafka, topic: str) -> None:
    there = [
        write(kafka, topic, producer_id=MADE_UP, epoch=epoch, sequence=sequence, records=records)
        for epoch, sequence, records in SENT
    ]

    quiet = load("stolen_producer_id")
    schedule = tuple(
        Entry(
            At(place * SECOND_US),
            RawWrite("orders-0", producer_id=MADE_UP, epoch=epoch, sequence=sequence, records=records),
        )
        for place, (epoch, sequence, records) in enumerate(SENT, start=1)
    )
    # Its producer writes one record, in front of all that.
    alone = replace(quiet.workload, records=1, phases=(Phase(),))
    report = run(replace(quiet, schedule=schedule, workload=alone))
    answers = [event for event in report.trace if isinstance(event, ProduceAnswered) and event.client == "raw"]
    here = [(Code(one.code).name, one.base_offset - 1 if one.code == Code.NONE else -1) for one in answers]

    assert here == there
