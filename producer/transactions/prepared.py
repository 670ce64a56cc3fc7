"""What is written down of a transaction that is prepared, so that a later process can tell whether it is that one (KIP-939)."""

from __future__ import annotations

import re
from typing import NamedTuple, Self

from producer.errors import UsageError
from producer.records import NO_PRODUCER_EPOCH, NO_PRODUCER_ID

_WRITTEN = re.compile(r"(\d{1,19}):(\d{1,5})")
_PRODUCER_ID_MAX, _EPOCH_MAX = (1 << 63) - 1, (1 << 15) - 1


class PreparedTransaction(NamedTuple):
    """Which transaction is prepared: who wrote it (org.apache.kafka.clients.producer.PreparedTxnState).

    `str` of it is to be kept with whatever else the decision is about, and `parse` reads that back. Ahead of Apache Kafka.
    """

    producer_id: int = NO_PRODUCER_ID
    producer_epoch: int = NO_PRODUCER_EPOCH

    @property
    def has_transaction(self) -> bool:
        """Whether it is one at all; not where nothing was open when its successor asked."""
        return self.producer_id != NO_PRODUCER_ID

    def __str__(self) -> str:
        """Write it as Java does: `7000:3`, or nothing for no transaction."""
        return f"{self.producer_id}:{self.producer_epoch}" if self.has_transaction else ""

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read what `str` wrote. Raises UsageError."""
        if not written:
            return cls()
        found = _WRITTEN.fullmatch(written)
        producer_id, producer_epoch = (int(found[1]), int(found[2])) if found else (-1, -1)
        if not 0 <= producer_id <= _PRODUCER_ID_MAX or not 0 <= producer_epoch <= _EPOCH_MAX:
            msg = f"{written!r} is no prepared transaction, which is written as its producer id and epoch: 7000:3"
            raise UsageError(msg)
        return cls(producer_id, producer_epoch)
