"""Which replica a consumer is sent to (KIP-392), how much it is given, and which places of a log it may ask for."""

from typing import Any

import pytest

from producer.error_codes import Code
from producer.wire.api import ApiKey
from producer.wire.messages import fetch, list_offsets
from producer.wire.record_batch import encode_batch
from sim.cluster.topic_config import TopicConfig
from tests.unit.sim.raw_client import Lab

BATCH = encode_batch([(None, b"x" * 100, (), 1_000)])


def fetched(lab: Lab, broker: int = 1, version: int = 12, rack: str = "", **how: Any) -> fetch.FetchPartitionResponse:
    partition = fetch.FetchPartition(0, **{"partition_max_bytes": 1 << 20} | how)
    wanted = fetch.FetchRequest(topics=(fetch.FetchTopic("orders", partitions=(partition,)),), rack_id=rack)
    answer = lab.client.connect(broker).call(ApiKey.FETCH, wanted, version)
    found: fetch.FetchPartitionResponse = answer.responses[0].partitions[0]
    return found


def test_a_consumer_is_sent_to_the_replica_in_its_rack_if_brokers_are_to_look() -> None:
    racks = ("north", "south", "south")
    lab = Lab(TopicConfig("orders"), racks=racks, rack_aware_reads=True)
    lab.client.produce(records=BATCH)
    lab.settle()

    near, leaders = fetched(lab, rack="south"), fetched(lab, rack="north")

    assert (near.preferred_read_replica in {2, 3}, near.records) == (True, b"")
    assert (leaders.preferred_read_replica, leaders.records != b"") == (-1, True)
    assert fetched(lab, rack="west").preferred_read_replica == -1
    assert fetched(lab, broker=3, rack="south").records == leaders.records
    assert fetched(lab, version=10).preferred_read_replica == -1
    assert fetched(Lab(TopicConfig("orders"), racks=racks), rack="south").preferred_read_replica == -1


def test_the_last_batch_is_cut_off_at_the_limit_and_the_first_comes_whole() -> None:
    lab = Lab()
    for _ in range(2):
        lab.client.produce(records=BATCH)
    size = len(BATCH)

    sizes = [len(fetched(lab, partition_max_bytes=limit).records or b"") for limit in (0, 1, size, size + 7, 2 * size)]

    assert sizes == [size, size, size, size + 7, 2 * size]
    assert fetched(lab, partition_max_bytes=-1).error_code == Code.UNKNOWN_SERVER_ERROR


@pytest.mark.parametrize("place, version", [(-3, 7), (-4, 8), (-5, 9), (-6, 11)])
def test_a_place_in_a_log_is_known_since_its_version(place: int, version: int) -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    topic = list_offsets.ListOffsetsTopic("orders", (list_offsets.ListOffsetsPartition(0, timestamp=place),))
    request = list_offsets.ListOffsetsRequest(-1, topics=(topic,))

    codes = [
        connection.call(ApiKey.LIST_OFFSETS, request, asked).topics[0].partitions[0].error_code
        for asked in (version - 1, version)
    ]

    assert codes == [Code.UNSUPPORTED_VERSION, Code.NONE]
