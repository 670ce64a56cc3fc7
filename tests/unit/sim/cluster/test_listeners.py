"""What clients are told of a broker: an address that need not be its host's, and a calendar of the cluster's own."""

import pytest

from producer.config.config import ProducerConfig
from producer.records import Record
from producer.wire.api import ApiKey
from producer.wire.messages import metadata
from sim.clients.drivers import SimProducer
from sim.cluster.config import EPOCH_US, ClusterConfig
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import BatchAppended, RecordAcknowledged, RecordRead
from sim.world.units import SECOND_US
from tests.unit.sim.clients.reading_back import reading_back
from tests.unit.sim.raw_client import ORDERS, Lab, send_batch

OUTSIDE = (("127.0.0.1", 19_092), ("127.0.0.1", 19_093), ("kafka.example", 9_092))


def test_a_broker_tells_its_own_host_unless_it_is_told_what_to_advertise() -> None:
    for given, told in (((), [("b1", 9_092), ("b2", 9_092), ("b3", 9_092)]), (OUTSIDE, list(OUTSIDE))):
        lab = Lab(advertised_listeners=given)

        answer = lab.client.connect(1).call(ApiKey.METADATA, metadata.MetadataRequest(None))

        assert [(broker.host, broker.port) for broker in answer.brokers] == told
        assert lab.cluster.bootstrap == tuple(told)


def test_an_answer_that_sends_a_client_elsewhere_tells_the_advertised_address() -> None:
    lab = Lab(advertised_listeners=OUTSIDE)
    leader = lab.cluster.leader_of(ORDERS)
    connection = lab.client.connect(leader % 3 + 1)

    answer = connection.wait(send_batch(connection, b"x"))

    assert [(one.host, one.port) for one in answer.node_endpoints] == [OUTSIDE[leader - 1]]


def test_the_engine_finds_brokers_by_what_they_advertise_and_followers_by_their_hosts() -> None:
    lab = Lab(advertised_listeners=OUTSIDE)
    servers = ",".join(f"{host}:{port}" for host, port in lab.cluster.bootstrap)
    producer = SimProducer(lab.cluster, ProducerConfig.from_properties({"bootstrap.servers": servers}))
    lab.world.story(producer.send(Record("orders", b"x"), 0))
    lab.run(2)

    lab.world.story(reading_back(lab.cluster, "orders"))
    lab.run(2)

    assert len(lab.events(RecordAcknowledged)) == 1
    assert [event.value for event in lab.events(RecordRead)] == [b"x"]


@pytest.mark.parametrize(
    "given",
    [OUTSIDE[:2], (*OUTSIDE[:2], OUTSIDE[0]), (("", 9_092), *OUTSIDE[1:]), (("a", 0), *OUTSIDE[1:])],
)
def test_listeners_that_cannot_be_are_refused(given: tuple[tuple[str, int], ...]) -> None:
    with pytest.raises(ValueError, match=r"ClusterConfig\.advertised_listeners is"):
        ClusterConfig(advertised_listeners=given)


def test_brokers_and_producers_keep_the_calendar_of_the_cluster() -> None:
    stamped = []
    for epoch_us in (EPOCH_US, 1_000_000_000 * SECOND_US):
        lab = Lab(TopicConfig("orders", timestamp_type="LogAppendTime"), TopicConfig("created"), epoch_us=epoch_us)
        servers = ",".join(f"{host}:{port}" for host, port in lab.cluster.bootstrap)
        producer = SimProducer(lab.cluster, ProducerConfig.from_properties({"bootstrap.servers": servers}))
        for number, topic in enumerate(("orders", "created")):
            lab.world.story(producer.send(Record(topic, b"x"), number))
        lab.run(2)
        appended_us = lab.events(BatchAppended, topic="orders")[0].at_us

        logs = [
            partition.log.file.entries[0].header.max_timestamp_ms * 1_000 - epoch_us
            for process in [lab.cluster.brokers[1].process]
            if process is not None
            for partition in sorted(process.partitions.values(), key=lambda one: one.tp)
        ]
        stamped.append(logs)
        assert logs[1] == appended_us // 1_000 * 1_000

    assert stamped[0] == stamped[1]


def test_a_calendar_before_the_beginning_is_refused() -> None:
    with pytest.raises(ValueError, match=r"ClusterConfig\.epoch_us is -1"):
        ClusterConfig(epoch_us=-1)
