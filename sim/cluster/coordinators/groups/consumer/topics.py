"""The topics that there are, as a group coordinator needs them (Kafka's CoordinatorMetadataImage): ids, partitions, a hash of both."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from sim.cluster.coordinators.groups.consumer.xxh3 import xxh3_64

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.cluster.broker.hosting import HostingBroker

_INT = Struct("<i")
_LONG = Struct("<Q")
_UUID_HALVES = Struct(">QQ")
_SIGN = 1 << 63
_MAGIC = b"\x00"
"""Which way of hashing topics this is (Utils.TOPIC_HASH_MAGIC_BYTE)."""


class Topics:
    """A view of the broker's metadata image, as it is at the moment."""

    __slots__ = ("_broker",)

    def __init__(self, broker: HostingBroker) -> None:
        self._broker = broker

    @property
    def version(self) -> int:
        """Up to which offset of the metadata log it is known."""
        return self._broker.image.offset

    @property
    def names(self) -> tuple[str, ...]:
        """All topics."""
        return tuple(self._broker.image.topics)

    def id_of(self, name: str) -> bytes | None:
        """Give a topic's id; None if there is no such topic."""
        known = self._broker.image.topics.get(name)
        return None if known is None else known.topic_id

    def name_of(self, topic_id: bytes) -> str | None:
        """Give a topic's name; None if there is no such topic."""
        known = self._broker.image.topic_of_id.get(topic_id)
        return None if known is None else known.name

    def partitions_of(self, topic_id: bytes) -> int:
        """Count a topic's partitions; 0 if there is no such topic."""
        name = self.name_of(topic_id)
        return 0 if name is None else len(self._broker.image.partitions_of.get(name, {}))

    def ids_of(self, names: Iterable[str]) -> tuple[bytes, ...]:
        """Give the ids of those that there are."""
        found = [self.id_of(name) for name in names]
        return tuple([topic_id for topic_id in found if topic_id is not None])

    def metadata_hash(self, names: Iterable[str]) -> int:
        """Give a number that is another one when one of these topics comes, goes, or grows, or a replica changes its rack.

        0 if there is none of them; with a sign, as Java has it (ModernGroup.computeMetadataHash).
        """
        known = [(self.id_of(name), name) for name in sorted(names)]
        hashes = [self._hash_of(topic_id, name) for topic_id, name in known if topic_id is not None]
        if not hashes:
            return 0
        hashed = xxh3_64(b"".join([_LONG.pack(one) for one in hashes]))
        return hashed - 2 * _SIGN if hashed >= _SIGN else hashed

    def _hash_of(self, topic_id: bytes, name: str) -> int:
        """Give one topic's (Utils.computeTopicHash)."""
        racks = self._racks_of(name)
        parts = [
            _MAGIC,
            *[_LONG.pack(half) for half in _UUID_HALVES.unpack(topic_id)],
            _text(name),
            _INT.pack(len(racks)),
        ]
        for number, of_partition in racks:
            parts.append(_INT.pack(number))
            for rack in of_partition:
                parts += (_INT.pack(len(rack)), _text(rack))
        return xxh3_64(b"".join(parts))

    def _racks_of(self, topic: str) -> tuple[tuple[int, tuple[str, ...]], ...]:
        image = self._broker.image
        told = []
        for number, state in sorted(image.partitions_of.get(topic, {}).items()):
            brokers = [image.brokers.get(replica) for replica in state.replicas]
            racks = [broker.rack for broker in brokers if broker is not None and broker.rack is not None]
            told.append((number, tuple(sorted(dict.fromkeys(racks)))))
        return tuple(told)


def _text(text: str) -> bytes:
    """Give a text as hash4j puts it: in UTF-16, its length behind it."""
    units = text.encode("utf-16-le", "surrogatepass")
    return units + _INT.pack(len(units) // 2)
