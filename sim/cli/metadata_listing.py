"""`acklab consume -L`: brokers, topics, and who leads and follows each partition, as a broker tells it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sim.cli.endings import Exit

if TYPE_CHECKING:
    from producer.wire.messages.metadata import MetadataPartition, MetadataResponse, MetadataTopic


def list_metadata(bootstrap: str, topic: str | None, properties: list[str], timeout: int, *, as_json: bool) -> int:
    """Print what a cluster says of itself, of all topics or of one. Gives 1 if a topic is told with an error. Raises CommandError."""
    from producer.wire.api import ApiKey
    from producer.wire.messages.metadata import MetadataRequest, named
    from sim.cli.admin_at import at_cluster
    from sim.cli.screen import say

    asked = MetadataRequest(topics=None if topic is None else named(topic), allow_auto_topic_creation=False)
    answer: MetadataResponse = at_cluster(bootstrap, properties, timeout, lambda ask: ask(ApiKey.METADATA, asked))
    if as_json:
        print(json.dumps(metadata_as_json(answer)))
    else:
        for line in metadata_lines(answer):
            say(line)
    return Exit.VIOLATED if any(one.error_code for one in answer.topics) else Exit.HOLDS


def metadata_lines(told: MetadataResponse) -> list[str]:
    """Write it for a person: one line a broker, a topic, a partition."""
    lines = [f"cluster {told.cluster_id or '(without an id)'}, controller {_broker(told.controller_id)}"]
    for broker in sorted(told.brokers, key=lambda one: one.node_id):
        rack = f", rack {broker.rack}" if broker.rack else ""
        lines.append(f"broker {broker.node_id} at {broker.host}:{broker.port}{rack}")
    for topic in _sorted(told):
        count = len(topic.partitions)
        internal = ", internal" if topic.is_internal else ""
        error = f": {_error(topic.error_code)}" if topic.error_code else ""
        lines.append(f"topic {topic.name}, {count} {'partition' if count == 1 else 'partitions'}{internal}{error}")
        lines += [_partition_line(one) for one in sorted(topic.partitions, key=lambda one: one.partition_index)]
    return lines


def _partition_line(one: MetadataPartition) -> str:
    told = f"  partition {one.partition_index}, leader {_broker(one.leader_id)}, replicas {_brokers(one.replica_nodes)}"
    told += f", in sync {_brokers(one.isr_nodes)}"
    if one.offline_replicas:
        told += f", offline {_brokers(one.offline_replicas)}"
    return f"{told}: {_error(one.error_code)}" if one.error_code else told


def metadata_as_json(told: MetadataResponse) -> dict[str, Any]:
    """Give it as one object, with the name of its version."""
    return {
        "format": "acklab-metadata-1",
        "cluster_id": told.cluster_id,
        "controller_id": told.controller_id,
        "brokers": [
            {"id": one.node_id, "host": one.host, "port": one.port, "rack": one.rack}
            for one in sorted(told.brokers, key=lambda one: one.node_id)
        ],
        "topics": [
            {
                "topic": topic.name,
                "is_internal": topic.is_internal,
                "error": _error(topic.error_code),
                "partitions": [
                    {
                        "partition": one.partition_index,
                        "leader": one.leader_id,
                        "leader_epoch": one.leader_epoch,
                        "replicas": list(one.replica_nodes),
                        "in_sync": list(one.isr_nodes),
                        "offline": list(one.offline_replicas),
                        "error": _error(one.error_code),
                    }
                    for one in sorted(topic.partitions, key=lambda one: one.partition_index)
                ],
            }
            for topic in _sorted(told)
        ],
    }


def _sorted(told: MetadataResponse) -> list[MetadataTopic]:
    return sorted(told.topics, key=lambda one: one.name or "")


def _error(code: int) -> str | None:
    from producer.errors import error_code

    return error_code(code).name if code else None


def _broker(node_id: int) -> str:
    return str(node_id) if node_id >= 0 else "none"


def _brokers(node_ids: tuple[int, ...]) -> str:
    return ",".join(map(str, node_ids)) or "none"
