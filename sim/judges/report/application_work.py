"""How an application makes its records, where it does more than send one after the other: as a sentence, and as JSON."""

from __future__ import annotations

from typing import Any, NamedTuple


class ProcessingWork(NamedTuple):
    """An application makes its records of others that it reads."""

    topic: str
    """What it reads."""
    to: str
    """Where it sends what it makes."""
    group: str
    """Whose positions say how far it has come; empty where it keeps them itself, in checkpoints."""
    gives_metadata: bool
    """Whether positions in a transaction come with the member's id and generation (KIP-447)."""
    checkpoint_every_us: int
    """How long from one checkpoint to the next; 0 where it takes none."""


class ApplicationWork(NamedTuple):
    """What one application keeps together, and what it makes its records of."""

    application: str
    transactional_id: str
    """Empty for a producer without one: what belongs together is no more than its application's wish."""
    transaction_records: int
    """How many records of a workload are one transaction; 0: all of a phase, or what a processing application makes of one poll."""
    processing: ProcessingWork | None

    def __str__(self) -> str:
        """Say it behind the application's properties: `writes in transactions of 2 records`."""
        if self.processing is not None:
            return (
                f"processes {self.processing.topic} into {self.processing.to}, {self._of_processing(self.processing)}"
            )
        count = "1 record" if self.transaction_records == 1 else f"{self.transaction_records} records"
        if not self.transactional_id:
            return f"{count} in turn belong together, in no transaction"
        return (
            f"writes in transactions of {count}" if self.transaction_records else "writes each phase in a transaction"
        )

    def _of_processing(self, processing: ProcessingWork) -> str:
        if processing.checkpoint_every_us:
            return f"a checkpoint every {processing.checkpoint_every_us / 1_000_000:g} s, and a transaction for each"
        if not self.transactional_id:
            return f"group {processing.group}, in no transaction: its positions are committed behind its records"
        without = "" if processing.gives_metadata else ", but without the group's metadata"
        return f"group {processing.group}, a transaction for each poll, its positions with it{without}"

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return self._asdict() | {"processing": None if self.processing is None else self.processing._asdict()}
