"""Requests drawn from their schemas: every field from values that mean something, or nothing, in one case's world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

from tests.conformance.suite import codec
from tests.conformance.suite.context import Context

ABSENT_ID = "11111111-2222-3333-4444-555555555555"
NULL_SHARE = 0.15
FIRST_VERSIONS: Mapping[str, int] = {
    "alter_configs": 0,
    "alter_partition_reassignments": 0,
    "consumer_group_describe": 0,
    "consumer_group_heartbeat": 0,
    "create_partitions": 0,
    "create_topics": 2,
    "delete_groups": 0,
    "delete_records": 0,
    "describe_cluster": 0,
    "describe_configs": 1,
    "describe_groups": 0,
    "describe_log_dirs": 1,
    "describe_producers": 0,
    "describe_topic_partitions": 0,
    "elect_leaders": 0,
    "fetch": 4,
    "find_coordinator": 0,
    "heartbeat": 0,
    "incremental_alter_configs": 0,
    "init_producer_id": 0,
    "join_group": 0,
    "leave_group": 0,
    "list_offsets": 1,
    "list_partition_reassignments": 0,
    "metadata": 0,
    "offset_commit": 2,
    "offset_delete": 0,
    "offset_fetch": 1,
    "offset_for_leader_epoch": 2,
    "produce": 3,
    "sync_group": 0,
    "update_features": 0,
}
"""What is drawn, and the first version that brokers speak of each; the last is the schema's."""
SETTINGS = (
    "retention.ms",
    "cleanup.policy",
    "min.insync.replicas",
    "nonsense",
    "max.message.bytes",
    "compression.type",
    "consumer.session.timeout.ms",
    "interval.ms",
)
PROTOCOLS = ("range", "rr", "")


class Named(NamedTuple):
    """What the case has made."""

    topic: str
    """Two partitions, three records in the first."""
    compacted: str
    group: str
    """With one classic member."""
    simple_group: str
    """With a position, and nobody in it."""
    member: str


class Drawing:
    """One case's draws."""

    def __init__(self, chance: Random, c: Context, named: Named) -> None:
        self._chance = chance
        self._values = _values(c, named)

    def request(self) -> tuple[str, int, dict[str, Any]]:
        """Draw an API, a version and a body. Nothing that all cases see is changed by it."""
        api = self._chance.choice(sorted(FIRST_VERSIONS))
        version = self._chance.randrange(FIRST_VERSIONS[api], codec.versions(api)[-1] + 1)
        return api, version, self._struct(codec.message(api, version, "request"), "")

    def _struct(self, cls: Any, within: str) -> dict[str, Any]:
        fields = [slot for slot in codec.slots(cls) if slot.tag is None]
        return {slot.name: self._field(slot, within) for slot in fields}

    def _field(self, slot: codec.Slot, within: str) -> Any:
        if not slot.is_array:
            return None if slot.kind == "struct" and slot.nullable else self._one(slot, within)
        if slot.nullable and self._chance.random() < NULL_SHARE:
            return None
        return [self._one(slot, within) for _ in range(self._chance.choice((0, 1, 1, 1, 2)))]

    def _one(self, slot: codec.Slot, within: str) -> Any:
        if slot.kind == "struct":
            return self._struct(slot.struct, slot.name)
        if slot.name == "name" and within in {"configs", "protocols"}:
            return self._chance.choice(SETTINGS if within == "configs" else PROTOCOLS)
        drawn = self._chance.choice(self._values.get(slot.name) or _by_kind(slot.kind))
        # The same name may be that of an id in one schema and of something else in another.
        return str(codec.NIL) if slot.kind == "uuid" and not isinstance(drawn, str) else drawn


def _by_kind(kind: str) -> Sequence[Any]:
    if kind == "bool":
        return (False, True)
    if kind in codec.NUMBERS:
        return (0, 1, -1)
    return (str(codec.NIL),) if kind == "uuid" else (b"",) if kind == "bytes" else ("", "x")


def _values(c: Context, named: Named) -> Mapping[str, Sequence[Any]]:
    t, u, g, h, m = named
    node = min(c.brokers)
    topics = (t, t, t, t, u, c.name("absent"), "", "a b")
    partitions = (0, 0, 0, 1, -1, 7)
    groups = (g, g, h, c.name("nobody"), "")
    batches = (c.batch(b"a"), c.batch(b"a", b"b"), c.batch((b"v", b"k"), codec="gzip"), c.batch(b"a", crc=1), b"")
    return {
        **dict.fromkeys(("name", "topic", "topic_name", "topic_names", "topics"), topics),
        **dict.fromkeys(("partition", "partition_index", "index", "partitions", "partition_indexes"), partitions),
        **dict.fromkeys(("group_id", "groups", "group_ids", "coordinator_keys", "key"), groups),
        **dict.fromkeys(("current_leader_epoch", "leader_epoch", "last_fetched_epoch"), (-1, -1, 0, 1)),
        **dict.fromkeys(("broker_ids", "replicas"), (node, node, 99)),
        **dict.fromkeys(("replica_id", "producer_id", "producer_epoch"), (-1,)),
        "acks": (-1, -1, 1, 2),
        "allow_auto_topic_creation": (False,),
        "assignment": (b"", b"x"),
        "committed_metadata": ("", "x", None),
        "committed_offset": (0, 1, 5, -1),
        "config_operation": (0, 0, 1, 2, 3, 4),
        "configuration_keys": ("retention.ms", "cleanup.policy", "nonsense", "message.max.bytes"),
        "count": (2, 3, 4, 1, 0),
        "election_type": (0, 0, 1, 2),
        "feature": ("metadata.version", "nonsense", "group.version"),
        "fetch_offset": (0, 1, 2, 3, -1, 9),
        "generation_id": (1, 1, 0, -1, 2),
        "generation_id_or_member_epoch": (1, 1, -1, -1, 0, 2),
        "group_instance_id": (None, None, None, "i"),
        "groups_names": (c.name("nobody"), h),
        "include_documentation": (False,),
        "instance_id": (None, None, "i"),
        "isolation_level": (0, 0, 1, 2),
        "key_type": (0, 0, 0, 3),
        "max_bytes": (100_000, 1, 0),
        "max_version_level": (1, 0, 29),
        "max_wait": (50, 0),
        "member_epoch": (0, 0, -1, 1, -2, 5),
        "member_id": (m, m, "", "nobody"),
        "metadata": (b"", bytes(10)),
        "num_partitions": (1, 2, -1, 0, -2),
        "offset": (0, 1, 2, -1, 3, 9, -2),
        "partition_max_bytes": (1000, 1, 0, 100_000),
        "protocol_name": ("range", "range", "rr", None),
        "protocol_type": ("consumer", "consumer", "consumer", "connect", ""),
        "rack_id": (None, "", "x"),
        "reason": (None, "x"),
        "rebalance_timeout": (10_000, 10_000, -1, 500),
        "records": (*batches, c.batch(b"x" * 50, ts=-1)),
        "replication_factor": (1, -1, 2, 0),
        "resource_name": (t, t, g, str(node), "", "x"),
        "resource_type": (2, 2, 2, 4, 16, 32, 8, 3),
        "response_partition_limit": (2000, 1, 0),
        "retention_time": (-1, 5),
        "server_assignor": (None, None, "uniform", "range", "nonsense"),
        "session_epoch": (-1, -1, 0),
        "session_id": (0,),
        "session_timeout": (10_000, 10_000, 5, 6000),
        "subscribed_topic_names": (t, u),
        "subscribed_topic_regex": (None, None, t),
        "timeout": (5000, 1000),
        "timestamp": (-1, -2, -3, c.t0, c.t0 + 5, 0, -4, -5),
        "topic_id": (c.ids[t], c.ids[t], c.ids[u], ABSENT_ID, str(codec.NIL)),
        "transaction_timeout": (1000,),
        "transactional_id": (None,),
        "upgrade_type": (1, 2, 3),
        "validate_only": (True,),
        "value": ("1", "1000", "delete", "compact", "x", "", None),
    }
