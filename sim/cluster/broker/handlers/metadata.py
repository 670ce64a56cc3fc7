"""Metadata 0 to 13: the cluster as this broker knows it, which may be behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import is_topic_name
from producer.wire import metadata
from producer.wire.api import ApiKey
from sim.cluster.messages import NO_LEADER

if TYPE_CHECKING:
    from sim.cluster.broker.connection import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.messages import PartitionState, TopicState


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer, from the cache if this was asked before and nothing changed since."""
    error = None
    if broker.tampering:
        error = broker.tampering.error_instead(ApiKey.METADATA, request.client, None)
    # The whole body is the question, so it is the key as well.
    key = (ApiKey.METADATA, request.version, request.body)
    body = broker.encoded(key) if error is None else None
    if body is None:
        wanted = metadata.decode_request(request.body, request.version)
        answer = _answer(broker, wanted, error)
        body = metadata.encode_response(answer, request.version)
        if error is None and not _may_create(broker, wanted):
            broker.keep_encoded(key, body)
    request.answer(body)


def _may_create(broker: ServingBroker, wanted: metadata.MetadataRequest) -> bool:
    return broker.config.auto_create_topics and wanted.allow_auto_topic_creation


def _answer(broker: ServingBroker, wanted: metadata.MetadataRequest, error: Code | None) -> metadata.MetadataResponse:
    image = broker.image
    names = tuple(image.topics) if wanted.topics is None else wanted.topics
    topics = [_topic_named(broker, name, error, may_create=_may_create(broker, wanted)) for name in names]
    for topic_id in wanted.topic_ids:
        known = image.topic_of_id.get(topic_id)
        if known is None:
            topics.append(metadata.MetadataTopic(Code.UNKNOWN_TOPIC_ID, None, topic_id))
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
