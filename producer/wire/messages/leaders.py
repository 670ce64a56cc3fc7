"""Who leads a partition now, and where that broker listens: error answers tell it, so nobody has to ask (KIP-951)."""

from typing import NamedTuple

from producer.wire.schema import Int32, String


class LeaderIdAndEpoch(NamedTuple):
    """A leader and its epoch; -1 where unknown."""

    leader_id: Int32 = -1
    leader_epoch: Int32 = -1


class NodeEndpoint(NamedTuple):
    """Where a broker listens."""

    node_id: Int32 = 0
    host: String = ""
    port: Int32 = 0
    rack: String | None = None


UNKNOWN_LEADER = LeaderIdAndEpoch()
