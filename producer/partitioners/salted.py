"""An answer to the hottest keys that gives up their order: each goes round over partitions of its own number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from producer.errors import ConfigError
from producer.partitioners.keyed import KeyedPartitioner
from producer.partitioners.partitioner import Partitioner

if TYPE_CHECKING:
    from producer.partitioners.partitioner import Partitions
    from producer.records import Record

SALTS = "acklab.partitioner.salts"


class SaltedPartitioner(Partitioner):
    """Adds a salt to the hash of each hot key: 0, 1, … in turn; every other key stays where its hash names.

    The salt is added after the hash, so that n salts are n partitions, side by side, and salt 0 is where the key has been
    before. The record's key does not change: consumers group by it as ever, but must read `partitions_of` it.

    Order: that of the records of one key *and salt* only. Of a hot key, a consumer sees n orders, merged in any way;
    number the records if that matters. A compacted topic keeps one record of a hot key in each of its partitions.
    """

    __slots__ = ("_keyed", "_salts", "_turns")

    def __init__(self, salts: Mapping[bytes, int]) -> None:
        """Take the hot keys, each with its number of salts. Raises ConfigError."""
        self._salts = _checked(salts)
        self._keyed = KeyedPartitioner()
        self._turns: dict[tuple[str, bytes], int] = {}
        """By topic and hot key: how many records it had."""

    def salts(self, key: bytes) -> range:
        """Give the salts of a key: a cold one has 0 alone."""
        return range(self._salts.get(key, 1))

    def partitions_of(self, key: bytes, partition_count: int) -> tuple[int, ...]:
        """Give the partitions that hold all records of a key, by salt: what a consumer reads to have them together again."""
        home = self._keyed.partition_for(key, partition_count)
        # More salts than partitions are as many as partitions.
        return tuple((home + salt) % partition_count for salt in self.salts(key)[:partition_count])

    def partition(self, record: Record, partitions: Partitions) -> int | None:
        """Give the partition of the key, of the salt whose turn it is. A record without a key sticks to any."""
        key = record.key
        if key is None:
            return None
        home = self._keyed.partition_for(key, partitions.count)
        salts = self._salts.get(key)
        if salts is None:
            return home
        turn = self._turns.get((record.topic, key), 0)
        self._turns[record.topic, key] = turn + 1
        return (home + turn % min(salts, partitions.count)) % partitions.count


def read_salts(given: Any) -> dict[bytes, int]:
    """Read `user-42:6,user-7:3`, or take a mapping. Raises ConfigError."""
    if not isinstance(given, str):
        return _checked(given)
    salts = {}
    for entry in filter(None, given.split(",")):
        key, _, count = entry.strip().rpartition(":")
        if not key or not count.isdecimal():
            msg = f"{SALTS} has {entry!r}, must be key:salts, as in user-42:6"
            raise ConfigError(msg)
        salts[key.encode()] = int(count)
    return _checked(salts)


def _checked(salts: Any) -> dict[bytes, int]:
    if not isinstance(salts, Mapping):
        msg = f"{SALTS} is {salts!r}, must be a mapping from keys to numbers of salts, or text as in user-42:6"
        raise ConfigError(msg)
    for key, count in salts.items():
        if not isinstance(key, bytes) or not isinstance(count, int) or count < 1:
            msg = f"{SALTS} has {key!r}: {count!r}, must be a key in bytes and a number of at least 1"
            raise ConfigError(msg)
    return dict(salts)
