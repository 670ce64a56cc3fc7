"""Metadata 0 to 13: the cluster as this broker knows it, which may be behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import is_topic_name
from producer.wire.api import ApiKey
from producer.wire.codec import encode
from producer.wire.messages import metadata
from producer.wire.schema import ZERO_ID
from sim.cluster.messages import NO_LEADER

if TYPE_CHECKING:
    from sim.cluster.broker.connection import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.messages import PartitionState, TopicState

_NULL_TOPICS_SINCE = 1
_NULL_NAMES_SINCE = 12


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
    is_all = wanted.topics is None or (not asked and version < _NULL_TOPICS_SINCE)
    names = tuple(image.topics) if is_all else [topic.name for topic in asked if not _is_by_id(topic)]
    may_create = _may_create(broker, wanted)
    topics = [_topic_named(broker, name, error, may_create=may_create) for name in names if name is not None]
    for topic_id in [topic.topic_id for topic in asked if _is_by_id(topic)]:
        known = image.topic_of_id.get(topic_id)
        if known is None:
            no_name = None if version >= _NULL_NAMES_SINCE else ""
            topics.append(metadata.MetadataTopic(Code.UNKNOWN_TOPIC_ID, no_name, topic_id))
        else:
            topics.append(_topic(broker, known, error))
    alive = [known for _, known in sorted(image.brokers.items()) if not known.is_fenced]
    return metadata.MetadataResponse(
        brokers=tuple(metadata.MetadataBroker(known.broker, *known.advertised, known.rack) for known in alive),
        cluster_id=broker.config.cluster_id,
        # KRaft hides its controllers from clients: any broker that lives will do.
        controller_id=alive[0].broker if alive else -1,
        topics=tuple(topics),
    )


def _is_by_id(topic: metadata.MetadataRequestTopic) -> bool:
    """Whether the id counts: it does where it is given, whatever the name."""
    return topic.name is None or topic.topic_id != ZERO_ID


def _topic_named(broker: ServingBroker, name: str, error: Code | None, *, may_create: bool) -> metadata.MetadataTopic:
    known = broker.image.topics.get(name)
    if known is not None:
        return _topic(broker, known, error)
    if not is_topic_name(name):
        return metadata.MetadataTopic(Code.INVALID_TOPIC_EXCEPTION, name)
    if may_create:
        broker.create_missing_topic(name)
    return metadata.MetadataTopic(Code.UNKNOWN_TOPIC_OR_PARTITION, name)


def _topic(broker: ServingBroker, known: TopicState, error: Code | None) -> metadata.MetadataTopic:
    if error is not None:
        return metadata.MetadataTopic(error, known.name, known.topic_id)
    partitions = broker.image.partitions_of.get(known.name, {})
    return metadata.MetadataTopic(
        Code.NONE,
        known.name,
        known.topic_id,
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
        tuple(replica for replica in state.replicas if not image.is_alive(replica)),
    )
