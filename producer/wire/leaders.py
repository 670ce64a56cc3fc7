"""Who leads a partition now, and where that broker listens: error answers tell it, so nobody has to ask (KIP-951)."""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import NamedTuple

from producer.wire.primitives import FLEXIBLE, INT32, NO_TAGS, LegacyReader

_LEADER = Struct(">ii")


class LeaderIdAndEpoch(NamedTuple):
    """A leader and its epoch; -1 where unknown."""

    leader_id: int = -1
    leader_epoch: int = -1


class NodeEndpoint(NamedTuple):
    """Where a broker listens."""

    node_id: int
    host: str
    port: int
    rack: str | None = None


UNKNOWN_LEADER = LeaderIdAndEpoch()


def encode_leader(leader: tuple[int, int]) -> bytes:
    """Write the content of a CurrentLeader tag."""
    return _LEADER.pack(*leader) + NO_TAGS


def read_leader(reader: LegacyReader) -> LeaderIdAndEpoch:
    """Read the content of a CurrentLeader tag."""
    leader = LeaderIdAndEpoch(*reader.unpack(_LEADER))
    reader.tags()
    return leader


def encode_endpoints(endpoints: Sequence[tuple[int, str, int, str | None]]) -> bytes:
    """Write the content of a NodeEndpoints tag."""
    parts = [FLEXIBLE.length(len(endpoints))]
    for node_id, host, port, rack in endpoints:
        parts += (INT32.pack(node_id), FLEXIBLE.string(host), INT32.pack(port), FLEXIBLE.nullable_string(rack), NO_TAGS)
    return b"".join(parts)


def read_endpoints(reader: LegacyReader) -> tuple[NodeEndpoint, ...]:
    """Read the content of a NodeEndpoints tag."""
    endpoints = []
    for _ in range(reader.length()):
        endpoints.append(NodeEndpoint(reader.int32(), reader.string(), reader.int32(), reader.nullable_string()))
        reader.tags()
    return tuple(endpoints)
