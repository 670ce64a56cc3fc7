"""Whether groups in use may go from one protocol to the other, and back (group.consumer.migration.policy)."""

from __future__ import annotations

from enum import Enum


class MigrationPolicy(Enum):
    """The values are Kafka's words."""

    BIDIRECTIONAL = "bidirectional"
    UPGRADE = "upgrade"
    """To the consumer protocol alone."""
    DOWNGRADE = "downgrade"
    """To the classic protocol alone."""
    DISABLED = "disabled"

    @property
    def may_upgrade(self) -> bool:
        """Whether a classic group may become one by the consumer protocol."""
        return self in {MigrationPolicy.BIDIRECTIONAL, MigrationPolicy.UPGRADE}

    @property
    def may_downgrade(self) -> bool:
        """Whether a group by the consumer protocol may become a classic one."""
        return self in {MigrationPolicy.BIDIRECTIONAL, MigrationPolicy.DOWNGRADE}

    @property
    def is_any(self) -> bool:
        """Whether members of both protocols may meet."""
        return self is not MigrationPolicy.DISABLED
