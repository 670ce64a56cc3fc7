"""The topics that there are, as a group coordinator needs them (Kafka's CoordinatorMetadataImage): ids, partitions, a hash of both."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.cluster.broker.hosting import HostingBroker

_HASH_BYTES = 8


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

        0 if there is none of them. Kafka's is made by XXH3; nobody but the coordinator looks at it.
        """
        digest = blake2b(digest_size=_HASH_BYTES)
        is_any = False
        for name in sorted(names):
            topic_id = self.id_of(name)
            if topic_id is not None:
                is_any = True
                digest.update(repr((topic_id, name, self._racks_of(name))).encode())
        return int.from_bytes(digest.digest(), "big", signed=True) if is_any else 0

    def _racks_of(self, topic: str) -> tuple[tuple[int, tuple[str, ...]], ...]:
        image = self._broker.image
        told = []
        for number, state in sorted(image.partitions_of.get(topic, {}).items()):
            brokers = [image.brokers.get(replica) for replica in state.replicas]
            racks = [broker.rack for broker in brokers if broker is not None and broker.rack is not None]
            told.append((number, tuple(sorted(dict.fromkeys(racks)))))
        return tuple(told)
