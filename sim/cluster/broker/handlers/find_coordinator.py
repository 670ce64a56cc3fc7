"""FindCoordinator 0 to 6: which broker coordinates a group, a transaction, a share-partition; their topics are made by the first who asks.

As KafkaApis.getCoordinator: it is the leader of the key's partition, as far as this broker knows. Whether that broker
answers what is asked of such a coordinator is another matter: today only the one of groups does.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.find_coordinator import Coordinator, FindCoordinatorRequest, FindCoordinatorResponse
from sim.cluster.coordinators.keys import partition_for
from sim.cluster.internal_topics import CONSUMER_OFFSETS, SHARE_GROUP_STATE, TRANSACTION_STATE
from sim.cluster.security.acls.kinds import Operation, ResourceKind
from sim.cluster.security.rights import refusal_of

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

_SEVERAL_SINCE = 4
_SHARE_SINCE = 6
_GROUP, _TRANSACTION, _SHARE = 0, 1, 2
_TOPICS = {_GROUP: CONSUMER_OFFSETS, _TRANSACTION: TRANSACTION_STATE, _SHARE: SHARE_GROUP_STATE}
_KINDS = {_GROUP: ResourceKind.GROUP, _TRANSACTION: ResourceKind.TRANSACTIONAL_ID}
_SHARE_PARTS = 3
_UUID_BYTES = 16
_INT_MAX = (1 << 31) - 1


class _Found(NamedTuple):
    code: Code
    node_id: int = -1
    host: str = ""
    port: int = -1


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(FindCoordinatorRequest)
    keys = wanted.coordinator_keys if request.version >= _SEVERAL_SINCE else (wanted.key,)
    found = [_find(broker, request, wanted.key_type, key) for key in keys]
    request.respond(_response(request.version, keys, found))


def _response(version: int, keys: tuple[str, ...], found: list[_Found]) -> FindCoordinatorResponse:
    if version >= _SEVERAL_SINCE:
        told = [
            Coordinator(key, one.node_id, one.host, one.port, one.code) for key, one in zip(keys, found, strict=True)
        ]
        return FindCoordinatorResponse(coordinators=tuple(told))
    one = found[0]
    return FindCoordinatorResponse(
        error_code=one.code, error_message=one.code.name, node_id=one.node_id, host=one.host, port=one.port
    )


def _find(broker: ServingBroker, request: Request, key_type: int, key: str) -> _Found:
    if broker.tampering:
        error = broker.tampering.error_instead(ApiKey.FIND_COORDINATOR, request.client, None)
        if error is not None:
            return _Found(error)
    refusal = _refusal(broker, request, key_type, key)
    if refusal is not None:
        return _Found(refusal)
    topic = _TOPICS.get(key_type)
    if topic is None or (key_type == _SHARE and (request.version < _SHARE_SINCE or not _is_share_key(key))):
        return _Found(Code.INVALID_REQUEST)
    partitions = broker.image.partitions_of.get(topic)
    if not partitions:
        broker.create_missing_topic(topic)
        return _Found(Code.COORDINATOR_NOT_AVAILABLE)
    state = partitions.get(partition_for(key, len(partitions)))
    if state is None or not broker.image.is_alive(state.leader):
        return _Found(Code.COORDINATOR_NOT_AVAILABLE)
    leader = broker.image.brokers[state.leader]
    return _Found(Code.NONE, leader.broker, *leader.endpoints[request.listener])


def _refusal(broker: ServingBroker, request: Request, key_type: int, key: str) -> Code | None:
    """Say why somebody may not ask for that coordinator, if he may not."""
    rights = broker.rights
    if key_type == _SHARE:
        is_allowed = request.version < _SHARE_SINCE or rights.allows_on_cluster(request, Operation.CLUSTER_ACTION)
        return None if is_allowed else Code.CLUSTER_AUTHORIZATION_FAILED
    kind = _KINDS.get(key_type)
    if kind is None or rights.allows(request, Operation.DESCRIBE, kind, key):
        return None
    return refusal_of(kind)


def _is_share_key(key: str) -> bool:
    """Whether it is a group, a topic's id and a partition, with colons between them (SharePartitionKey.validate)."""
    parts = key.rsplit(":", 2)
    return len(parts) == _SHARE_PARTS and bool(parts[0].strip()) and _is_uuid(parts[1]) and _is_int(parts[2])


def _is_uuid(text: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))) == _UUID_BYTES
    except (binascii.Error, ValueError):
        return False


def _is_int(text: str) -> bool:
    digits = text[1:] if text[:1] in {"-", "+"} else text
    return digits.isascii() and digits.isdigit() and -_INT_MAX - 1 <= int(text) <= _INT_MAX
