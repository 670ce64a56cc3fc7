"""The words for a job that keeps its own positions: how often it takes a checkpoint, and when somebody begins it again (as Flink does)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sim.faults.text import read_durations
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.records import TopicPartition
    from producer.transactions.prepared import PreparedTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoints:
    """A job's outputs are committed when a checkpoint that holds its positions is complete. Raises ValueError.

    Flink's two-phase commit sink: pre-commit with the checkpoint, commit when it is known to be complete, and after a crash commit what
    the latest checkpoint names. With `transaction.two.phase.commit.enable` the transaction is prepared for that (KIP-939, ahead of
    Apache Kafka); without it, the job flushes and counts on the time-out, as Flink does today.
    """

    every_us: int = SECOND_US
    """execution.checkpointing.interval: from what is read first after one checkpoint to the next."""
    commits_after_us: int = 500_000
    """From a checkpoint until the sink is told that it is complete."""
    restarts_after_us: int = 5 * SECOND_US
    """From the end of a process until somebody begins it again (restart-strategy.fixed-delay.delay)."""

    def __post_init__(self) -> None:
        """Check the values one by one."""
        read_durations(self)
        for name, least in (("every_us", 1), ("commits_after_us", 0), ("restarts_after_us", 0)):
            given = getattr(self, name)
            if type(given) is not int or given < least:
                raise ValueError(f"Checkpoints.{name} is {given!r}, must be a whole number, and at least {least}")


class Checkpoint(NamedTuple):
    """What a job finds again whatever happens to its process."""

    client: str
    """Which life took it."""
    transaction: int
    """The number of its transaction, within that life."""
    prepared: PreparedTransaction
    positions: Mapping[TopicPartition, int]
    """The offset to be read next, by partition."""
