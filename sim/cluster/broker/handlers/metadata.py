"""Metadata 0 to 13: the cluster as this broker knows it, which may be behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import is_topic_name
from producer.wire.api import ApiKey
from producer.wire.codec import encode
from producer.wire.messages import metadata
from producer.wire.messages.operations import OPERATIONS_UNKNOWN
from producer.wire.schema import ZERO_ID
from sim.cluster.internal_topics import is_internal
from sim.cluster.metadata_states import NO_LEADER
from sim.cluster.operations import CLUSTER_OPERATIONS, TOPIC_OPERATIONS

if TYPE_CHECKING:
    from sim.cluster.broker.connection import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.metadata_states import PartitionState, TopicState

_NULL_TOPICS_SINCE = 1
_IDS_SINCE = 12
"""Ids are answered and names may be null; a request of version 10 or 11 can carry both and is refused."""


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer, from the cache if this was asked before and nothing changed since."""
    error = None
    if broker.tampering:
        error = broker.tampering.error_instead(ApiKey.METADATA, request.client, None)
    # The whole body is the question, so it is the key as well.
    key = (ApiKey.METADATA, request.version, request.body)
    body = broker.encoded(key) if error is None else None
    if body is None:
        wanted = request.decode(metadata.MetadataRequest)
        answer = _answer(broker, request.version, wanted, error)
        body = encode(answer, request.version)
        if error is None and not _may_create(broker, wanted):
            broker.keep_encoded(key, body)
    request.answer(body)


def _may_create(broker: ServingBroker, wanted: metadata.MetadataRequest) -> bool:
    return broker.config.auto_create_topics and wanted.allow_auto_topic_creation


def _answer(
    broker: ServingBroker, version: int, wanted: metadata.MetadataRequest, error: Code | None
) -> metadata.MetadataResponse:
    image = broker.image
    asked = wanted.topics or ()
    refusal = _refusal(version, asked)
    if refusal is not Code.NONE:
        refused = [metadata.MetadataTopic(refusal, topic.name or "", topic.topic_id) for topic in asked]
        return metadata.MetadataResponse(topics=tuple(refused), error_code=refusal)
    is_all = wanted.topics is None or (not asked and version < _NULL_TOPICS_SINCE)
    topics = []
    if _are_by_id(asked):
        for topic_id in dict.fromkeys([topic.topic_id for topic in asked if topic.topic_id != ZERO_ID]):
            known = image.topic_of_id.get(topic_id)
            if known is None:
                topics.append(metadata.MetadataTopic(Code.UNKNOWN_TOPIC_ID, None, topic_id))
            else:
                topics.append(_topic(broker, known, error))
    else:
        may_create = _may_create(broker, wanted)
        names = tuple(image.topics) if is_all else dict.fromkeys([topic.name for topic in asked])
        topics = [_topic_named(broker, name, error, may_create=may_create) for name in names if name is not None]
    if wanted.include_topic_authorized_operations:
        topics = [
            topic
            if topic.error_code == Code.UNKNOWN_TOPIC_ID
            else topic._replace(topic_authorized_operations=TOPIC_OPERATIONS)
            for topic in topics
        ]
    alive = [known for _, known in sorted(image.brokers.items()) if not known.is_fenced]
    return metadata.MetadataResponse(
        brokers=tuple(metadata.MetadataBroker(known.broker, *known.advertised, known.rack) for known in alive),
        cluster_id=broker.config.cluster_id,
        cluster_authorized_operations=(
            CLUSTER_OPERATIONS if wanted.include_cluster_authorized_operations else OPERATIONS_UNKNOWN
        ),
        # KRaft hides its controllers from clients: any broker that lives will do.
        controller_id=alive[0].broker if alive else -1,
        topics=tuple(topics),
    )


def _are_by_id(asked: tuple[metadata.MetadataRequestTopic, ...]) -> bool:
    """Whether the ids count: they do where one is given, and then no name does."""
    return any(topic.topic_id != ZERO_ID for topic in asked)


def _refusal(version: int, asked: tuple[metadata.MetadataRequestTopic, ...]) -> Code:
    """Whether the whole request is refused (KafkaApis.handleTopicMetadataRequest)."""
    if version < _IDS_SINCE:
        is_sound = all(topic.name is not None and topic.topic_id == ZERO_ID for topic in asked)
        return Code.NONE if is_sound else Code.INVALID_REQUEST
    if not _are_by_id(asked) and any(topic.name is None for topic in asked):
        # Neither a name nor an id: Kafka falls over it, and says so of every topic (seen on 4.3.1).
        return Code.UNKNOWN_SERVER_ERROR
    return Code.NONE


def _topic_named(broker: ServingBroker, name: str, error: Code | None, *, may_create: bool) -> metadata.MetadataTopic:
    known = broker.image.topics.get(name)
    if known is not None:
        return _topic(broker, known, error)
    if not is_topic_name(name):
        return metadata.MetadataTopic(Code.INVALID_TOPIC_EXCEPTION, name)
    if may_create:
        broker.create_missing_topic(name)
    return metadata.MetadataTopic(Code.UNKNOWN_TOPIC_OR_PARTITION, name, is_internal=is_internal(name))


def _topic(broker: ServingBroker, known: TopicState, error: Code | None) -> metadata.MetadataTopic:
    if error is not None:
        return metadata.MetadataTopic(error, known.name, known.topic_id, is_internal(known.name))
    partitions = broker.image.partitions_of.get(known.name, {})
    return metadata.MetadataTopic(
        Code.NONE,
        known.name,
        known.topic_id,
        is_internal(known.name),
        partitions=tuple(_partition(broker, state) for _, state in sorted(partitions.items())),
    )


def _partition(broker: ServingBroker, state: PartitionState) -> metadata.MetadataPartition:
    image = broker.image
    is_led = image.is_alive(state.leader)
    return metadata.MetadataPartition(
        Code.NONE if is_led else Code.LEADER_NOT_AVAILABLE,
        state.tp.partition,
        state.leader if is_led else NO_LEADER,
        state.leader_epoch,
        state.replicas,
        state.isr,
        tuple(replica for replica in state.replicas if image.is_offline(state, replica)),
    )
