"""Whoever asks the admin plane for nonsense gets an error or loses the connection; no broker fails, and the cluster goes on."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from producer.wire import api
from producer.wire.api import SUPPORTED, ApiKey
from producer.wire.codec import encode
from producer.wire.messages import alter_configs, incremental_alter_configs
from producer.wire.messages.add_raft_voter import AddRaftVoterRequest, Listener
from producer.wire.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    ReassignablePartition,
    ReassignableTopic,
)
from producer.wire.messages.alter_replica_log_dirs import (
    AlterReplicaLogDir,
    AlterReplicaLogDirsRequest,
    AlterReplicaLogDirTopic,
)
from producer.wire.messages.create_partitions import CreatePartitionsRequest, CreatePartitionsTopic
from producer.wire.messages.create_topics import CreatableTopic, CreatableTopicConfig, CreateTopicsRequest
from producer.wire.messages.delete_records import DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic
from producer.wire.messages.delete_topics import DeleteTopicsRequest, DeleteTopicState
from producer.wire.messages.describe_cluster import DescribeClusterRequest
from producer.wire.messages.describe_configs import DescribeConfigsRequest, DescribeConfigsResource
from producer.wire.messages.describe_log_dirs import DescribeLogDirsRequest
from producer.wire.messages.describe_producers import DescribeProducersRequest, TopicRequest
from producer.wire.messages.describe_quorum import DescribeQuorumRequest, QuorumPartition, QuorumTopic
from producer.wire.messages.describe_topic_partitions import DescribeTopicPartitionsRequest
from producer.wire.messages.describe_topic_partitions import TopicRequest as Named
from producer.wire.messages.elect_leaders import ElectLeadersRequest, TopicPartitions
from producer.wire.messages.list_config_resources import ListConfigResourcesRequest
from producer.wire.messages.list_partition_reassignments import ListPartitionReassignmentsRequest
from producer.wire.messages.remove_raft_voter import RemoveRaftVoterRequest
from producer.wire.messages.unregister_broker import UnregisterBrokerRequest
from producer.wire.messages.update_features import FeatureUpdateKey, UpdateFeaturesRequest
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import HandlerFailed
from tests.unit.sim.raw_client import Lab, RawConnection

REQUESTS = 150

SOUND: dict[ApiKey, Any] = {
    ApiKey.CREATE_TOPICS: CreateTopicsRequest(
        (CreatableTopic("t", 2, 2, configs=(CreatableTopicConfig("retention.ms", "9"),)),), 900
    ),
    ApiKey.DELETE_TOPICS: DeleteTopicsRequest((DeleteTopicState("t"),), (), 900),
    ApiKey.CREATE_PARTITIONS: CreatePartitionsRequest((CreatePartitionsTopic("orders", 3, None),), 900),
    ApiKey.DELETE_RECORDS: DeleteRecordsRequest(
        (DeleteRecordsTopic("orders", (DeleteRecordsPartition(0, -1), DeleteRecordsPartition(1, 2))),), 900
    ),
    ApiKey.ELECT_LEADERS: ElectLeadersRequest(0, (TopicPartitions("orders", (0, 1)),), 900),
    ApiKey.ALTER_PARTITION_REASSIGNMENTS: AlterPartitionReassignmentsRequest(
        900, True, (ReassignableTopic("orders", (ReassignablePartition(0, (2, 3)), ReassignablePartition(1))),)
    ),
    ApiKey.LIST_PARTITION_REASSIGNMENTS: ListPartitionReassignmentsRequest(),
    ApiKey.DESCRIBE_CONFIGS: DescribeConfigsRequest(
        (DescribeConfigsResource(2, "orders", None), DescribeConfigsResource(4, "1", None)), True, False
    ),
    ApiKey.INCREMENTAL_ALTER_CONFIGS: incremental_alter_configs.IncrementalAlterConfigsRequest(
        (
            incremental_alter_configs.AlterConfigsResource(
                2, "orders", (incremental_alter_configs.AlterableConfig("cleanup.policy", 2, "compact"),)
            ),
        )
    ),
    ApiKey.ALTER_CONFIGS: alter_configs.AlterConfigsRequest(
        (alter_configs.AlterConfigsResource(4, "", (alter_configs.AlterableConfig("message.max.bytes", "90000"),)),)
    ),
    ApiKey.ALTER_REPLICA_LOG_DIRS: AlterReplicaLogDirsRequest(
        (AlterReplicaLogDir("/var/lib/kafka/data-1", (AlterReplicaLogDirTopic("orders", (0, 1)),)),)
    ),
    ApiKey.DESCRIBE_LOG_DIRS: DescribeLogDirsRequest(None),
    ApiKey.DESCRIBE_CLUSTER: DescribeClusterRequest(),
    ApiKey.DESCRIBE_PRODUCERS: DescribeProducersRequest((TopicRequest("orders", (0, 1)),)),
    ApiKey.DESCRIBE_QUORUM: DescribeQuorumRequest((QuorumTopic("__cluster_metadata", (QuorumPartition(0),)),)),
    ApiKey.DESCRIBE_TOPIC_PARTITIONS: DescribeTopicPartitionsRequest((Named("orders"),)),
    ApiKey.LIST_CONFIG_RESOURCES: ListConfigResourcesRequest(),
    ApiKey.UPDATE_FEATURES: UpdateFeaturesRequest(900, (FeatureUpdateKey("group.version", 1),)),
    # Far from any broker's id: who is unregistered does not come back by itself.
    ApiKey.UNREGISTER_BROKER: UnregisterBrokerRequest(0x40404040),
    ApiKey.ADD_RAFT_VOTER: AddRaftVoterRequest("acklab", 900, 103, b"v" * 16, (Listener("CONTROLLER", "c", 9093),)),
    ApiKey.REMOVE_RAFT_VOTER: RemoveRaftVoterRequest("acklab", 100, b"v" * 16),
}


def frame(chance: Random) -> bytes:
    """A request of the admin plane, most of the time with a few bytes overwritten, cut out or put in."""
    key = chance.choice(list(SOUND))
    version = SUPPORTED[key].highest
    body = bytearray(encode(SOUND[key], version))
    for _ in range(chance.choice((0, 1, 1, 2))):
        place = chance.randint(0, len(body))
        body[place : place + chance.choice((0, 1, 1, 2))] = chance.randbytes(chance.choice((0, 1, 1, 2)))
    return api.encode_request(key, version, 1, "raw", bytes(body))


@pytest.mark.parametrize("seed", range(6))
def test_no_request_of_an_admin_client_fails_a_broker(seed: int) -> None:
    chance = Random(seed)
    lab = Lab(TopicConfig("orders", partitions=2, replication_factor=2), is_served=True, log_dirs=2)
    connections: dict[int, RawConnection] = {}

    for _ in range(REQUESTS):
        broker = chance.choice((1, 2, 3))
        if broker not in connections or not connections[broker].is_open:
            connections[broker] = lab.client.connect(broker)
            connections[broker].endpoint.on_received = lambda _: None
        connections[broker].endpoint.send(frame(chance))
        lab.run(chance.choice((0, 0.01, 0.5)))
    lab.run(30)

    assert [(one.api, one.error) for one in lab.events(HandlerFailed)] == []
    assert lab.settle()
