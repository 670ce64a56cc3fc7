"""The second judge of schemas: what lies on the leader's disk where a record was acknowledged, read by fastavro itself."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import fastavro

from producer.records import TopicPartition
from producer.wire.record_batch import decode_records
from sim.cluster.cluster import Cluster
from sim.trace.events import RecordAcknowledged, SchemaFound, VersionDeployed

Id = tuple[str, int]


class Evidence(NamedTuple):
    """What clients were told, and every value on the disks of leaders in the end."""

    events: list[Any]
    values: Mapping[tuple[str, int, int], bytes | None]
    """(topic, partition, offset) -> value."""


def values_on_disks(cluster: Cluster) -> dict[tuple[str, int, int], bytes | None]:
    """Read every log of those who lead in the end."""
    found: dict[tuple[str, int, int], bytes | None] = {}
    for tp in cluster.committed():
        process = cluster.brokers[cluster.leader_of(TopicPartition(*tp))].process
        assert process is not None
        log = process.replicas.partitions[tp].log
        for batch in log.read(log.start_offset, up_to_offset=log.end_offset, bytes_max=1 << 30):
            for one in decode_records(batch.data):
                found[tp.topic, tp.partition, one.offset] = one.value
    return found


def unreadable(evidence: Evidence) -> set[Id]:
    """Acknowledged, and whoever runs then or later to read that topic fails to decode what lies there."""
    found = set()
    for told in evidence.events:
        if not isinstance(told, RecordAcknowledged):
            continue
        value = evidence.values.get((told.topic, told.partition, told.offset))
        readers = _readers(evidence.events, told)
        if value is not None and readers and not any(_is_read(evidence.events, one, value) for one in readers):
            found.add((told.client, told.record))
    return found


def _readers(events: list[Any], told: RecordAcknowledged) -> list[VersionDeployed]:
    deployed = [one for one in events if isinstance(one, VersionDeployed) and one.topic == told.topic]
    return [
        one
        for place, one in enumerate(deployed)
        if not any(next_one.client == one.client and next_one.at_us < told.at_us for next_one in deployed[place + 1 :])
    ]


def _is_read(events: list[Any], reader: VersionDeployed, value: bytes) -> bool:
    if len(value) < 5 or value[0]:
        return False
    key = str(int.from_bytes(value[1:5]))
    for one in events:
        if isinstance(one, SchemaFound) and (one.client, one.registry, one.schema_key, one.subject) == (
            reader.client,
            reader.registry,
            key,
            "",
        ):
            return _decodes(one.schema, reader.schema, value[5:])
    return False


def _decodes(written: str, wanted: str, data: bytes) -> bool:
    rest = io.BytesIO(data)
    try:
        fastavro.schemaless_reader(
            rest,
            fastavro.parse_schema(json.loads(written)),
            fastavro.parse_schema(json.loads(wanted)) if wanted else None,
        )
    except Exception:  # noqa: BLE001 - whatever fastavro makes of nonsense
        return False
    return not rest.read()


JUDGES: dict[str, Callable[[Evidence], set[Id]]] = {"unreadable": unreadable}
