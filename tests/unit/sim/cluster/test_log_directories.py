"""Log directories: where logs go, and what clients, followers and the controller hear when one fails."""

from __future__ import annotations

from typing import Any

import pytest

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages import fetch, list_offsets, metadata, produce
from producer.wire.messages import offset_for_leader_epoch as epochs
from producer.wire.record_batch import encode_batch
from sim.cluster.broker.log_directory import id_of, logs_in
from sim.cluster.config import ClusterConfig
from sim.cluster.metadata_states import UNASSIGNED
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import BrokerFenced, IsrChanged, LeaderElected, LogDirectoryFailed
from sim.world.units import SECOND_US
from tests.unit.sim.jbod import ALL, FIRST, SECOND, fail, jbod, state_of
from tests.unit.sim.raw_client import Lab, part_of, send_batch

MS_US = 1_000


# -- where logs go -----------------------------------------------------------------------------------------------------


def test_a_new_log_goes_to_the_directory_with_the_fewest() -> None:
    lab = jbod(log_dirs=3, partitions=5)

    for broker in lab.cluster.brokers.values():
        here = [[tp.partition for tp, _ in logs_in(directory)] for directory in broker.disk.directories]
        assert here == [[0, 3], [1, 4], [2]]


def test_brokers_tell_the_controller_where_their_replicas_lie() -> None:
    lab = jbod()

    for tp, place in ((FIRST, 0), (SECOND, 1)):
        wanted = tuple(id_of(lab.cluster.brokers[broker].disk.directories[place]) for broker in ALL)
        assert state_of(lab, tp).directories == wanted
    assert not lab.events(IsrChanged)


def test_a_broker_with_one_directory_has_nothing_to_tell() -> None:
    lab = Lab(TopicConfig("orders", replicas=(ALL,)))

    assert state_of(lab, FIRST).partition_epoch == 0
    assert UNASSIGNED not in state_of(lab, FIRST).directories


def test_every_directory_has_an_id_of_its_own_that_outlives_a_process() -> None:
    lab = jbod()

    def ids() -> list[bytes | None]:
        return [id_of(directory) for broker in lab.cluster.brokers.values() for directory in broker.disk.directories]

    before = ids()
    lab.cluster.crash(1)
    lab.run(10)
    lab.cluster.restart(1)
    lab.settle()

    assert len({*before, None}) == 7
    assert ids() == before
    assert lab.cluster.controller.metadata.brokers[1].log_dirs == tuple(sorted(filter(None, before[:2])))


def test_log_dirs_are_at_least_one() -> None:
    with pytest.raises(ValueError, match=r"ClusterConfig\.log_dirs is 0, must be at least 1"):
        ClusterConfig(log_dirs=0)


# -- one fails ---------------------------------------------------------------------------------------------------------


def test_a_write_finds_out_and_is_answered_with_a_storage_error() -> None:
    lab = jbod()
    lab.client.produce(b"kept", tp=SECOND)
    lab.cluster.fail_log_directory(1, 2)
    asked_us = lab.world.now_us

    refused = lab.client.produce(b"refused", tp=SECOND)

    (found,) = lab.events(LogDirectoryFailed)
    assert (found.broker, found.directory, found.offline_partitions) == (1, 2, ("orders-1",))
    assert found.at_us - asked_us < 10 * MS_US
    assert (refused.error_code, refused.base_offset) == (Code.KAFKA_STORAGE_ERROR, -1)
    assert lab.client.produce(b"elsewhere", tp=FIRST).error_code == Code.NONE


def test_who_writes_nothing_finds_out_with_the_next_checkpoint() -> None:
    lab = jbod()
    failed_us = lab.world.now_us

    found = fail(lab, 3, 2)

    # Apache Kafka 4.3.1: 0.5 and 2.9 s.
    assert found.at_us - failed_us <= 5 * SECOND_US


def test_another_replica_leads_at_once_and_nothing_is_lost() -> None:
    lab = jbod()
    for value in (b"a", b"b"):
        lab.client.produce(value, tp=SECOND)
    failed_us = fail(lab, 1, 2).at_us

    elected = lab.run_to(LeaderElected, partition=1)

    assert (elected.leader, elected.isr, elected.is_unclean) == (2, (2, 3), False)
    # Told with a heartbeat that is not waited for.
    assert elected.at_us - failed_us < 5 * MS_US
    lab.run(1)
    assert lab.client.produce(b"c", tp=SECOND).error_code == Code.NONE
    assert lab.client.read(SECOND) == [b"a", b"b", b"c"]
    assert lab.cluster.leader_of(FIRST) == 1
    assert not lab.events(BrokerFenced)


def test_a_follower_whose_directory_fails_leaves_the_isr_at_once() -> None:
    lab = jbod()
    failed_us = fail(lab, 3, 2).at_us

    changed = lab.run_to(IsrChanged, partition=1)

    assert changed.isr == (1, 2)
    assert changed.at_us - failed_us < 5 * MS_US
    lab.run(40)
    assert state_of(lab, SECOND).isr == (1, 2)
    assert state_of(lab, FIRST).isr == ALL


def test_metadata_lists_the_replica_as_offline_and_the_broker_as_alive() -> None:
    lab = jbod()
    fail(lab, 1, 2)
    lab.run(1)

    for broker in ALL:
        answer = lab.client.connect(broker).call(
            ApiKey.METADATA, metadata.MetadataRequest(metadata.named("orders")), 12
        )
        assert [one.node_id for one in answer.brokers] == [1, 2, 3]
        listed = {one.partition_index: (one.leader_id, one.offline_replicas) for one in answer.topics[0].partitions}
        assert listed == {0: (1, ()), 1: (2, (1,))}


@pytest.mark.parametrize("api", [ApiKey.FETCH, ApiKey.LIST_OFFSETS, ApiKey.OFFSET_FOR_LEADER_EPOCH])
def test_whoever_reads_an_offline_replica_is_told_of_a_storage_error(api: ApiKey) -> None:
    lab = jbod()
    fail(lab, 1, 2)
    lab.run(1)
    wanted: Any = {
        ApiKey.FETCH: fetch.FetchRequest(
            topics=(fetch.FetchTopic("orders", partitions=(fetch.FetchPartition(1, partition_max_bytes=1000),)),)
        ),
        ApiKey.LIST_OFFSETS: list_offsets.ListOffsetsRequest(
            topics=(list_offsets.ListOffsetsTopic("orders", (list_offsets.ListOffsetsPartition(1, -1, -1),)),)
        ),
        ApiKey.OFFSET_FOR_LEADER_EPOCH: epochs.OffsetForLeaderEpochRequest(
            topics=(epochs.OffsetForLeaderTopic("orders", (epochs.OffsetForLeaderPartition(1, -1, 0),)),)
        ),
    }[api]
    version = {ApiKey.FETCH: 12, ApiKey.LIST_OFFSETS: 7, ApiKey.OFFSET_FOR_LEADER_EPOCH: 4}[api]

    answer = lab.client.connect(1).call(api, wanted, version)

    topics = answer.responses if api is ApiKey.FETCH else answer.topics
    assert topics[0].partitions[0].error_code == Code.KAFKA_STORAGE_ERROR


def test_a_produce_that_waits_for_followers_is_answered_when_its_time_is_over() -> None:
    lab = jbod()
    lab.cluster.pause(2)
    lab.cluster.pause(3)
    # What the followers' sockets hold completes the first.
    lab.client.produce(b"first", tp=SECOND, timeout_ms=1)
    connection = lab.client.connect(1)
    asked_us = lab.world.now_us
    asked = send_batch(connection, b"waits", tp=SECOND, timeout_ms=7_000)
    lab.run(0.1)

    fail(lab, 1, 2)
    answer = part_of(connection.wait(asked))

    # Apache Kafka 4.3.1: after 30 s where the request says 30 s, with the offset that it used.
    assert answer.error_code == Code.REQUEST_TIMED_OUT
    assert answer.base_offset == 1
    assert lab.world.now_us - asked_us >= 7 * SECOND_US


def test_a_produce_to_several_partitions_is_answered_for_the_offline_one_with_the_last_of_the_others() -> None:
    lab = jbod()
    lab.cluster.pause(2)
    lab.cluster.pause(3)
    # What the followers' sockets hold completes the first.
    for tp in (FIRST, SECOND):
        lab.client.produce(b"first", tp=tp, timeout_ms=1)
    connection = lab.client.connect(1)
    records = encode_batch([(None, b"v", (), 1_000)])
    parts = tuple(produce.ProducePartition(number, records) for number in (0, 1))
    asked = connection.send(
        ApiKey.PRODUCE,
        produce.ProduceRequest(None, -1, 30_000, (produce.ProduceTopic("orders", bytes(16), parts),)),
        12,
    )
    lab.run(0.1)
    fail(lab, 1, 2)
    lab.cluster.resume(2)
    lab.cluster.resume(3)

    answer = connection.wait(asked, within_us=5 * SECOND_US)

    codes = [one.error_code for one in answer.responses[0].partition_responses]
    assert codes == [Code.NONE, Code.KAFKA_STORAGE_ERROR]
