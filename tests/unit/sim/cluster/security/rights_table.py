"""Each request, the rights that it needs, and the error without one of them: as KafkaApis and ControllerApis look at them."""

from __future__ import annotations

from typing import Any, NamedTuple

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages import (
    add_offsets_to_txn,
    add_partitions_to_txn,
    add_raft_voter,
    alter_client_quotas,
    alter_configs,
    alter_partition_reassignments,
    alter_replica_log_dirs,
    consumer_group_describe,
    consumer_group_heartbeat,
    create_acls,
    create_partitions,
    create_topics,
    delete_acls,
    delete_groups,
    delete_records,
    delete_topics,
    describe_acls,
    describe_client_quotas,
    describe_configs,
    describe_groups,
    describe_log_dirs,
    describe_producers,
    describe_quorum,
    describe_topic_partitions,
    describe_transactions,
    elect_leaders,
    end_txn,
    fetch,
    find_coordinator,
    heartbeat,
    incremental_alter_configs,
    init_producer_id,
    join_group,
    leave_group,
    list_config_resources,
    list_offsets,
    list_partition_reassignments,
    metadata,
    offset_commit,
    offset_delete,
    offset_fetch,
    offset_for_leader_epoch,
    produce,
    sync_group,
    txn_offset_commit,
    unregister_broker,
    update_features,
    write_txn_markers,
)
from producer.wire.record_batch import encode_batch
from sim.cluster.security.acls.kinds import Operation, ResourceKind

TOPIC, GROUP, CLUSTER = ResourceKind.TOPIC, ResourceKind.GROUP, ResourceKind.CLUSTER
TRANSACTION = ResourceKind.TRANSACTIONAL_ID
READ, WRITE, CREATE, DELETE = Operation.READ, Operation.WRITE, Operation.CREATE, Operation.DELETE
ALTER, DESCRIBE, CLUSTER_ACTION = Operation.ALTER, Operation.DESCRIBE, Operation.CLUSTER_ACTION
DESCRIBE_CONFIGS, ALTER_CONFIGS = Operation.DESCRIBE_CONFIGS, Operation.ALTER_CONFIGS
IDEMPOTENT_WRITE = Operation.IDEMPOTENT_WRITE

NO_TOPIC, NO_GROUP = Code.TOPIC_AUTHORIZATION_FAILED, Code.GROUP_AUTHORIZATION_FAILED
NO_CLUSTER, NO_ID = Code.CLUSTER_AUTHORIZATION_FAILED, Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED

Right = tuple[ResourceKind, Operation, str]


class Row(NamedTuple):
    """One request."""

    name: str
    api: ApiKey
    request: Any
    rights: tuple[Right, ...]
    """All that it takes: without any one of them it is refused."""
    refusals: tuple[Code, ...]
    """The error without each of them, where all others are given."""
    version: int | None = None
    """None: the highest."""

    def __str__(self) -> str:
        return self.name


def topic(operation: Operation) -> Right:
    return TOPIC, operation, "orders"


def group(operation: Operation) -> Right:
    return GROUP, operation, "readers"


def cluster(operation: Operation) -> Right:
    return CLUSTER, operation, "kafka-cluster"


def tx(operation: Operation) -> Right:
    return TRANSACTION, operation, "shop-1"


def batch(*, is_transactional: bool = False) -> bytes:
    if not is_transactional:
        return encode_batch([(None, b"v", (), 1_000)])
    return encode_batch(
        [(None, b"v", (), 1_000)], is_transactional=True, producer_id=1, producer_epoch=0, base_sequence=0
    )


def sent(transactional_id: str | None = None) -> produce.ProduceRequest:
    parts = (produce.ProducePartition(0, batch(is_transactional=transactional_id is not None)),)
    return produce.ProduceRequest(transactional_id, 1, 1_000, (produce.ProduceTopic("orders", bytes(16), parts),))


def configs(kind: int, name: str) -> Any:
    return describe_configs.DescribeConfigsRequest((describe_configs.DescribeConfigsResource(kind, name, ()),))


def incremental(kind: int, name: str, setting: str, value: str) -> Any:
    one = incremental_alter_configs.AlterableConfig(setting, 0, value)
    resource = incremental_alter_configs.AlterConfigsResource(kind, name, (one,))
    return incremental_alter_configs.IncrementalAlterConfigsRequest((resource,), validate_only=True)


_FETCH = fetch.FetchRequest(topics=(fetch.FetchTopic("orders", partitions=(fetch.FetchPartition(0),)),))
_OFFSETS = (
    offset_commit.OffsetCommitRequestTopic("orders", bytes(16), (offset_commit.OffsetCommitRequestPartition(0, 1),)),
)
_ASKED = (offset_fetch.OffsetFetchRequestTopics("orders", bytes(16), (0,)),)
_IN_TRANSACTION = (
    txn_offset_commit.TxnOffsetCommitRequestTopic("orders", (txn_offset_commit.TxnOffsetCommitRequestPartition(0, 1),)),
)
_ADDED = (add_partitions_to_txn.AddPartitionsToTxnTopic("orders", (0,)),)
_MARKER = write_txn_markers.WritableTxnMarker(
    1, 0, False, (write_txn_markers.WritableTxnMarkerTopic("orders", (0,)),), 0, 1
)
_EVERY = (1, None, 1, None, None, 1, 1)
_JOIN = join_group.JoinGroupRequest(
    "readers", 6_000, 6_000, "", None, "consumer", (join_group.JoinGroupRequestProtocol("range", b""),), None
)
_PRODUCE = (topic(WRITE),)

ROWS = (
    Row("produce", ApiKey.PRODUCE, sent(), _PRODUCE, (NO_TOPIC,), 12),
    Row("produce_in_transaction", ApiKey.PRODUCE, sent("shop-1"), (*_PRODUCE, tx(WRITE)), (NO_TOPIC, NO_ID), 11),
    Row("fetch", ApiKey.FETCH, _FETCH, (topic(READ),), (NO_TOPIC,), 12),
    Row("fetch_as_follower", ApiKey.FETCH, _FETCH._replace(replica_id=2), (cluster(CLUSTER_ACTION),), (NO_TOPIC,), 12),
    Row("list_offsets", ApiKey.LIST_OFFSETS, list_offsets.ListOffsetsRequest(
        -1, 0, (list_offsets.ListOffsetsTopic("orders", (list_offsets.ListOffsetsPartition(0, -1, -1),)),)),
        (topic(DESCRIBE),), (NO_TOPIC,)),
    Row("offset_for_leader_epoch", ApiKey.OFFSET_FOR_LEADER_EPOCH, offset_for_leader_epoch.OffsetForLeaderEpochRequest(
        -1, (offset_for_leader_epoch.OffsetForLeaderTopic("orders", (offset_for_leader_epoch.OffsetForLeaderPartition(0),)),)),
        (topic(DESCRIBE),), (NO_TOPIC,)),
    Row("metadata", ApiKey.METADATA, metadata.MetadataRequest((metadata.MetadataRequestTopic(name="orders"),)),
        (topic(DESCRIBE),), (NO_TOPIC,)),
    Row("describe_topic_partitions", ApiKey.DESCRIBE_TOPIC_PARTITIONS,
        describe_topic_partitions.DescribeTopicPartitionsRequest((describe_topic_partitions.TopicRequest("orders"),)),
        (topic(DESCRIBE),), (NO_TOPIC,)),
    Row("create_topics", ApiKey.CREATE_TOPICS, create_topics.CreateTopicsRequest(
        (create_topics.CreatableTopic("fresh", 1, 1),), 5_000, validate_only=True),
        ((TOPIC, CREATE, "fresh"),), (NO_TOPIC,)),
    Row("create_topics_by_cluster", ApiKey.CREATE_TOPICS, create_topics.CreateTopicsRequest(
        (create_topics.CreatableTopic("fresh", 1, 1),), 5_000, validate_only=True),
        (cluster(CREATE),), (NO_TOPIC,)),
    Row("delete_topics", ApiKey.DELETE_TOPICS, delete_topics.DeleteTopicsRequest(
        (delete_topics.DeleteTopicState("orders"),), (), 5_000), (topic(DELETE),), (NO_TOPIC,)),
    Row("create_partitions", ApiKey.CREATE_PARTITIONS, create_partitions.CreatePartitionsRequest(
        (create_partitions.CreatePartitionsTopic("orders", 2, None),), 5_000, validate_only=True),
        (topic(ALTER),), (NO_TOPIC,)),
    Row("delete_records", ApiKey.DELETE_RECORDS, delete_records.DeleteRecordsRequest(
        (delete_records.DeleteRecordsTopic("orders", (delete_records.DeleteRecordsPartition(0, 0),)),), 1_000),
        (topic(DELETE),), (NO_TOPIC,)),
    Row("describe_producers", ApiKey.DESCRIBE_PRODUCERS, describe_producers.DescribeProducersRequest(
        (describe_producers.TopicRequest("orders", (0,)),)), (topic(READ),), (NO_TOPIC,)),
    Row("describe_topic_configs", ApiKey.DESCRIBE_CONFIGS, configs(2, "orders"), (topic(DESCRIBE_CONFIGS),), (NO_TOPIC,)),
    Row("describe_broker_configs", ApiKey.DESCRIBE_CONFIGS, configs(4, "1"), (cluster(DESCRIBE_CONFIGS),), (NO_CLUSTER,)),
    Row("describe_group_configs", ApiKey.DESCRIBE_CONFIGS, configs(32, "readers"), (group(DESCRIBE_CONFIGS),), (NO_GROUP,)),
    Row("alter_topic_configs", ApiKey.INCREMENTAL_ALTER_CONFIGS, incremental(2, "orders", "retention.ms", "1000"),
        (topic(ALTER_CONFIGS),), (NO_TOPIC,)),
    Row("alter_broker_configs", ApiKey.INCREMENTAL_ALTER_CONFIGS, incremental(4, "1", "log.cleaner.threads", "1"),
        (cluster(ALTER_CONFIGS),), (NO_CLUSTER,)),
    Row("alter_group_configs", ApiKey.INCREMENTAL_ALTER_CONFIGS,
        incremental(32, "readers", "consumer.session.timeout.ms", "50000"), (group(ALTER_CONFIGS),), (NO_GROUP,)),
    Row("alter_configs", ApiKey.ALTER_CONFIGS, alter_configs.AlterConfigsRequest(
        (alter_configs.AlterConfigsResource(2, "orders", ()),), validate_only=True), (topic(ALTER_CONFIGS),), (NO_TOPIC,)),
    Row("list_config_resources", ApiKey.LIST_CONFIG_RESOURCES, list_config_resources.ListConfigResourcesRequest(),
        (cluster(DESCRIBE_CONFIGS),), (NO_CLUSTER,)),
    Row("describe_log_dirs", ApiKey.DESCRIBE_LOG_DIRS, describe_log_dirs.DescribeLogDirsRequest(None),
        (cluster(DESCRIBE),), (NO_CLUSTER,)),
    Row("alter_replica_log_dirs", ApiKey.ALTER_REPLICA_LOG_DIRS, alter_replica_log_dirs.AlterReplicaLogDirsRequest(
        (alter_replica_log_dirs.AlterReplicaLogDir("/none", (alter_replica_log_dirs.AlterReplicaLogDirTopic("orders", (0,)),)),)),
        (cluster(ALTER),), (NO_CLUSTER,)),
    Row("elect_leaders", ApiKey.ELECT_LEADERS, elect_leaders.ElectLeadersRequest(
        0, (elect_leaders.TopicPartitions("orders", (0,)),), 5_000), (cluster(ALTER),), (NO_CLUSTER,)),
    Row("alter_partition_reassignments", ApiKey.ALTER_PARTITION_REASSIGNMENTS,
        alter_partition_reassignments.AlterPartitionReassignmentsRequest(5_000), (cluster(ALTER),), (NO_CLUSTER,)),
    Row("list_partition_reassignments", ApiKey.LIST_PARTITION_REASSIGNMENTS,
        list_partition_reassignments.ListPartitionReassignmentsRequest(5_000), (cluster(DESCRIBE),), (NO_CLUSTER,)),
    Row("describe_quorum", ApiKey.DESCRIBE_QUORUM, describe_quorum.DescribeQuorumRequest(), (cluster(DESCRIBE),), (NO_CLUSTER,)),
    Row("update_features", ApiKey.UPDATE_FEATURES, update_features.UpdateFeaturesRequest(5_000, (), validate_only=True),
        (cluster(ALTER),), (NO_CLUSTER,)),
    Row("unregister_broker", ApiKey.UNREGISTER_BROKER, unregister_broker.UnregisterBrokerRequest(99),
        (cluster(ALTER),), (NO_CLUSTER,)),
    Row("add_raft_voter", ApiKey.ADD_RAFT_VOTER, add_raft_voter.AddRaftVoterRequest("elsewhere", 1_000, 7),
        (cluster(ALTER),), (NO_CLUSTER,)),
    Row("describe_client_quotas", ApiKey.DESCRIBE_CLIENT_QUOTAS, describe_client_quotas.DescribeClientQuotasRequest(),
        (cluster(DESCRIBE_CONFIGS),), (NO_CLUSTER,)),
    Row("alter_client_quotas", ApiKey.ALTER_CLIENT_QUOTAS, alter_client_quotas.AlterClientQuotasRequest(
        (alter_client_quotas.QuotaAlteration((alter_client_quotas.EntityData("user", "x"),)),)),
        (cluster(ALTER_CONFIGS),), (NO_CLUSTER,)),
    Row("describe_acls", ApiKey.DESCRIBE_ACLS, describe_acls.DescribeAclsRequest(*_EVERY), (cluster(DESCRIBE),), (NO_CLUSTER,)),
    Row("create_acls", ApiKey.CREATE_ACLS, create_acls.CreateAclsRequest(
        (create_acls.AclCreation(2, "orders", 3, "User:x", "*", 3, 3),)), (cluster(ALTER),), (NO_CLUSTER,)),
    Row("delete_acls", ApiKey.DELETE_ACLS, delete_acls.DeleteAclsRequest(
        (delete_acls.DeleteAclsFilter(2, "never", 3, None, None, 1, 1),)), (cluster(ALTER),), (NO_CLUSTER,)),
    Row("find_group", ApiKey.FIND_COORDINATOR, find_coordinator.FindCoordinatorRequest("", 0, ("readers",)),
        (group(DESCRIBE),), (NO_GROUP,)),
    Row("find_transaction", ApiKey.FIND_COORDINATOR, find_coordinator.FindCoordinatorRequest("", 1, ("shop-1",)),
        (tx(DESCRIBE),), (NO_ID,)),
    Row("init_producer_id", ApiKey.INIT_PRODUCER_ID, init_producer_id.InitProducerIdRequest(None, 1_000),
        (cluster(IDEMPOTENT_WRITE),), (NO_CLUSTER,)),
    Row("init_producer_id_to_write", ApiKey.INIT_PRODUCER_ID, init_producer_id.InitProducerIdRequest(None, 1_000),
        ((TOPIC, WRITE, "elsewhere"),), (NO_CLUSTER,)),
    Row("init_transactional_id", ApiKey.INIT_PRODUCER_ID, init_producer_id.InitProducerIdRequest("shop-1", 1_000),
        (tx(WRITE),), (NO_ID,)),
    Row("add_partitions", ApiKey.ADD_PARTITIONS_TO_TXN, add_partitions_to_txn.AddPartitionsToTxnRequest(
        (), "shop-1", 1, 0, _ADDED), (tx(WRITE), topic(WRITE)), (NO_ID, NO_TOPIC), 3),
    Row("add_partitions_as_broker", ApiKey.ADD_PARTITIONS_TO_TXN, add_partitions_to_txn.AddPartitionsToTxnRequest(
        (add_partitions_to_txn.AddPartitionsToTxnTransaction("shop-1", 1, 0, True, _ADDED),)),
        (cluster(CLUSTER_ACTION),), (NO_CLUSTER,)),
    Row("add_offsets", ApiKey.ADD_OFFSETS_TO_TXN, add_offsets_to_txn.AddOffsetsToTxnRequest("shop-1", 1, 0, "readers"),
        (tx(WRITE), group(READ)), (NO_ID, NO_GROUP)),
    Row("txn_offset_commit", ApiKey.TXN_OFFSET_COMMIT, txn_offset_commit.TxnOffsetCommitRequest(
        "shop-1", "readers", 1, 0, -1, "", None, _IN_TRANSACTION),
        (tx(WRITE), group(READ), topic(READ)), (NO_ID, NO_GROUP, NO_TOPIC)),
    Row("end_txn", ApiKey.END_TXN, end_txn.EndTxnRequest("shop-1", 1, 0, False), (tx(WRITE),), (NO_ID,)),
    Row("write_txn_markers", ApiKey.WRITE_TXN_MARKERS, write_txn_markers.WriteTxnMarkersRequest((_MARKER,)),
        (cluster(CLUSTER_ACTION),), (NO_CLUSTER,)),
    Row("write_txn_markers_by_hand", ApiKey.WRITE_TXN_MARKERS, write_txn_markers.WriteTxnMarkersRequest((_MARKER,)),
        (cluster(ALTER),), (NO_CLUSTER,)),
    Row("describe_transactions", ApiKey.DESCRIBE_TRANSACTIONS, describe_transactions.DescribeTransactionsRequest(("shop-1",)),
        (tx(DESCRIBE),), (NO_ID,)),
    Row("offset_commit", ApiKey.OFFSET_COMMIT, offset_commit.OffsetCommitRequest("readers", topics=_OFFSETS),
        (group(READ), topic(READ)), (NO_GROUP, NO_TOPIC), 9),
    Row("offset_fetch", ApiKey.OFFSET_FETCH, offset_fetch.OffsetFetchRequest(
        groups=(offset_fetch.OffsetFetchRequestGroup("readers", topics=_ASKED),)),
        (group(DESCRIBE), topic(DESCRIBE)), (NO_GROUP, NO_TOPIC), 9),
    Row("offset_delete", ApiKey.OFFSET_DELETE, offset_delete.OffsetDeleteRequest(
        "readers", (offset_delete.OffsetDeleteRequestTopic("orders", (offset_delete.OffsetDeleteRequestPartition(0),)),)),
        (group(DELETE), topic(READ)), (NO_GROUP, NO_TOPIC)),
    Row("join_group", ApiKey.JOIN_GROUP, _JOIN, (group(READ),), (NO_GROUP,), 5),
    Row("sync_group", ApiKey.SYNC_GROUP, sync_group.SyncGroupRequest("readers", 1, "m", None, "consumer", "range"),
        (group(READ),), (NO_GROUP,)),
    Row("heartbeat", ApiKey.HEARTBEAT, heartbeat.HeartbeatRequest("readers", 1, "m"), (group(READ),), (NO_GROUP,)),
    Row("leave_group", ApiKey.LEAVE_GROUP, leave_group.LeaveGroupRequest("readers", "", (leave_group.MemberIdentity("m"),)),
        (group(READ),), (NO_GROUP,)),
    Row("describe_groups", ApiKey.DESCRIBE_GROUPS, describe_groups.DescribeGroupsRequest(("readers",)),
        (group(DESCRIBE),), (NO_GROUP,)),
    Row("delete_groups", ApiKey.DELETE_GROUPS, delete_groups.DeleteGroupsRequest(("readers",)), (group(DELETE),), (NO_GROUP,)),
    Row("consumer_group_heartbeat", ApiKey.CONSUMER_GROUP_HEARTBEAT, consumer_group_heartbeat.ConsumerGroupHeartbeatRequest(
        "modern", "m-1", 0, rebalance_timeout_ms=1_000, subscribed_topic_names=("orders",), topic_partitions=()),
        ((GROUP, READ, "modern"), topic(DESCRIBE)), (NO_GROUP, NO_TOPIC)),
    Row("consumer_group_describe", ApiKey.CONSUMER_GROUP_DESCRIBE,
        consumer_group_describe.ConsumerGroupDescribeRequest(("readers",)), (group(DESCRIBE),), (NO_GROUP,)),
)  # fmt: skip
