"""What a client may do where nobody asks who it is: everything, as the bit fields that answers have for it (KIP-430)."""

from __future__ import annotations

from collections.abc import Mapping

_BITS: Mapping[str, int] = {
    "read": 3,
    "write": 4,
    "create": 5,
    "delete": 6,
    "alter": 7,
    "describe": 8,
    "cluster action": 9,
    "describe configs": 10,
    "alter configs": 11,
    "idempotent write": 12,
}
"""AclOperation, by its codes."""


def _bits(*operations: str) -> int:
    return sum(1 << _BITS[operation] for operation in operations)


CLUSTER_OPERATIONS = _bits(
    "create", "alter", "describe", "cluster action", "describe configs", "alter configs", "idempotent write"
)
"""Of the cluster as a resource (AclEntry.supportedOperations)."""
TOPIC_OPERATIONS = _bits("read", "write", "create", "delete", "alter", "describe", "describe configs", "alter configs")
"""Of a topic."""
