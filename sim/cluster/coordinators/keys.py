"""Which partition of an internal topic a key belongs to (GroupCoordinatorService.partitionFor and its like)."""

from __future__ import annotations

_INT_MASK = (1 << 32) - 1
_POSITIVE_MASK = (1 << 31) - 1
_MULTIPLIER = 31


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
