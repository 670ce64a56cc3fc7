"""Records without a key stay in the client's own rack, where that can be (KIP-1123): the way to the next one costs money."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class RackPreference:
    """Prefers partitions whose leader is in the client's rack (`partitioner.rack.aware`, `client.rack`).

    Order: as without it, none between records without a key. The load is uneven where racks lead unequally many partitions.
    """

    __slots__ = ("_leader_rack", "rack")

    def __init__(self, rack: str, leader_rack: Callable[[str, int], str | None]) -> None:
        """`leader_rack` gives the rack of the leader of a topic's partition, None for an unknown one."""
        self.rack = rack
        self._leader_rack = leader_rack

    def among(self, topic: str, partitions: Sequence[int]) -> Sequence[int]:
        """Give those of the partitions that are led in the rack; all of them if none is."""
        near = [partition for partition in partitions if self._leader_rack(topic, partition) == self.rack]
        return near or partitions
