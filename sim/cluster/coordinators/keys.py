"""Java's hashes of names: which partition of an internal topic a key belongs to, and in which order a HashMap has its keys.

Kafka: GroupCoordinatorService.partitionFor and its like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_INT_MASK = (1 << 32) - 1
_POSITIVE_MASK = (1 << 31) - 1
_MULTIPLIER = 31
_BUCKETS_AT_FIRST = 16
_LOAD_PARTS, _LOAD_PARTS_MAX = 4, 3
"""A HashMap that is more than three quarters full doubles its buckets."""


def java_hash_code(text: str) -> int:
    """Give what Java's String.hashCode gives, as a whole number of 32 bits without a sign: over UTF-16 code units."""
    units = text.encode("utf-16-be", "surrogatepass")
    code = 0
    for at in range(0, len(units), 2):
        code = (code * _MULTIPLIER + (units[at] << 8 | units[at + 1])) & _INT_MASK
    return code


def partition_for(key: str, partitions: int) -> int:
    """Give the partition that a group or a transactional id belongs to (Utils.abs(hashCode) % partitions)."""
    return (java_hash_code(key) & _POSITIVE_MASK) % partitions


def java_hash_order(texts: Iterable[str]) -> list[str]:
    """Give texts in the order in which a Java HashMap goes through them: by bucket, and within one as they came."""
    keys = list(dict.fromkeys(texts))
    buckets = _BUCKETS_AT_FIRST
    while len(keys) * _LOAD_PARTS > buckets * _LOAD_PARTS_MAX:
        buckets *= 2
    return sorted(keys, key=lambda text: _bucket(text, buckets))


def _bucket(text: str, buckets: int) -> int:
    code = java_hash_code(text)
    return (code ^ (code >> 16)) & (buckets - 1)
