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
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.cluster.broker.request import Request
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
    # The whole body is the question, so it is the key as well; with rights to be looked at, so is whose they are.
    key: tuple[object, ...] = (ApiKey.METADATA, request.version, request.listener, request.body)
    if broker.rights.is_enforced:
        key = (*key, request.principal, request.client)
    body = broker.encoded(key) if error is None and not broker.quotas.request.is_enabled else None
    if body is not None:
        request.answer(body)
        return
    wanted = request.decode(metadata.MetadataRequest)
    answer = _answer(broker, request, wanted, error)
    if error is None and not _may_create(broker, wanted):
        broker.keep_encoded(key, encode(answer, request.version))
    request.respond(answer)


def _may_create(broker: ServingBroker, wanted: metadata.MetadataRequest) -> bool:
    return broker.config.auto_create_topics and wanted.allow_auto_topic_creation


def _answer(
    broker: ServingBroker, request: Request, wanted: metadata.MetadataRequest, error: Code | None
) -> metadata.MetadataResponse:
    image, version, listener = broker.image, request.version, request.listener
    asked = wanted.topics or ()
    refusal = _refusal(version, asked)
    if refusal is not Code.NONE:
        refused = [metadata.MetadataTopic(refusal, topic.name or "", topic.topic_id) for topic in asked]
        return metadata.MetadataResponse(topics=tuple(refused), error_code=refusal)
    is_all = wanted.topics is None or (not asked and version < _NULL_TOPICS_SINCE)
    if _are_by_id(asked):
        topics = _topics_by_id(broker, request, asked, error)
    else:
        may_create = _may_create(broker, wanted)
        names = tuple(image.topics) if is_all else dict.fromkeys([topic.name for topic in asked])
        topics = _topics_by_name(
            broker, request, [name for name in names if name is not None], error, is_all=is_all, may_create=may_create
        )
    if wanted.include_topic_authorized_operations:
        topics = [_with_operations(broker, request, topic) for topic in topics]
    alive = [known for _, known in sorted(image.brokers.items()) if not known.is_fenced]
    return metadata.MetadataResponse(
        brokers=tuple(metadata.MetadataBroker(known.broker, *known.endpoints[listener], known.rack) for known in alive),
        cluster_id=broker.config.cluster_id,
        cluster_authorized_operations=(
            broker.rights.cluster_operations(request)
            if wanted.include_cluster_authorized_operations
            else OPERATIONS_UNKNOWN
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


def _topics_by_id(
    broker: ServingBroker, request: Request, asked: tuple[metadata.MetadataRequestTopic, ...], error: Code | None
) -> list[metadata.MetadataTopic]:
    found = []
    for topic_id in dict.fromkeys([topic.topic_id for topic in asked if topic.topic_id != ZERO_ID]):
        known = broker.image.topic_of_id.get(topic_id)
        if known is None:
            found.append(metadata.MetadataTopic(Code.UNKNOWN_TOPIC_ID, None, topic_id))
        elif broker.rights.allows(request, Operation.DESCRIBE, ResourceKind.TOPIC, known.name):
            found.append(_topic(broker, known, error))
        else:
            # An id tells nobody anything; a name would.
            found.append(metadata.MetadataTopic(Code.TOPIC_AUTHORIZATION_FAILED, None, topic_id))
    return found


def _topics_by_name(
    broker: ServingBroker,
    request: Request,
    names: Sequence[str],
    error: Code | None,
    *,
    is_all: bool,
    may_create: bool,
) -> list[metadata.MetadataTopic]:
    """Tell of topics. Of one that may not be described nobody looks whether it exists, and who asks for all does not hear of it."""
    rights = broker.rights
    hidden = rights.refused(request, Operation.DESCRIBE, ResourceKind.TOPIC, names, is_told=not is_all)
    if hidden:
        names = [name for name in names if name not in hidden]
    kept_out: set[str] = set()
    if may_create and not rights.allows_on_cluster(request, Operation.CREATE, is_told=False):
        missing = [name for name in names if name not in broker.image.topics]
        kept_out = rights.refused(request, Operation.CREATE, ResourceKind.TOPIC, missing)
    topics = [
        metadata.MetadataTopic(Code.TOPIC_AUTHORIZATION_FAILED, name, is_internal=is_internal(name))
        if name in kept_out
        else _topic_named(broker, name, error, may_create=may_create)
        for name in names
    ]
    if not is_all:
        topics += [metadata.MetadataTopic(Code.TOPIC_AUTHORIZATION_FAILED, name) for name in sorted(hidden)]
    return topics


def _with_operations(broker: ServingBroker, request: Request, topic: metadata.MetadataTopic) -> metadata.MetadataTopic:
    """Put in what may be done to a topic. Kafka does so with those that it looked at, whatever became of that."""
    if topic.name is None or topic.error_code == Code.TOPIC_AUTHORIZATION_FAILED:
        return topic
    operations = broker.rights.operations(request, ResourceKind.TOPIC, topic.name)
    return topic._replace(topic_authorized_operations=operations)


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
