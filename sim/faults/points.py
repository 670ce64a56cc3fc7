"""The points in the protocol to which a scenario ties a fault, or for which an application waits: `after(appended("orders-0", nth=3))`."""

from __future__ import annotations

from collections.abc import Mapping

from sim.faults.schedule import After, Wanted
from sim.faults.text import topic_partition


def event(name: str, *, nth: int = 1, where: Mapping[str, Wanted] | None = None) -> After:
    """The nth event of any type whose fields are these."""
    return After(name, nth, tuple((where or {}).items()))


def _of_partition(name: str, partition: str, nth: int) -> After:
    topic, number = topic_partition(partition)
    return After(name, nth, (("topic", topic), ("partition", number)))


def appended(partition: str, *, nth: int = 1) -> After:
    """The leader appended its nth batch to the partition, and has not answered yet."""
    return _of_partition("BatchAppended", partition, nth)


def elected(partition: str, *, nth: int = 1) -> After:
    """The controller chose a leader of the partition for the nth time (or found none)."""
    return _of_partition("LeaderElected", partition, nth)


def batch_sent(partition: str, *, nth: int = 1) -> After:
    """The producer put its nth batch for the partition on the wire."""
    return _of_partition("BatchSent", partition, nth)


def _by(event_name: str, nth: int, by: str | None, where: tuple[tuple[str, Wanted], ...] = ()) -> After:
    return After(event_name, nth, where if by is None else (("client", by), *where))


def sent(nth: int, *, by: str | None = None) -> After:
    """An application called send for the nth time; `by` which, as `billing` or, for its second life, `billing.2`."""
    return _by("RecordSent", nth, by)


def acknowledged(nth: int, *, by: str | None = None) -> After:
    """An application was told for the nth time that a record is written; `by` which."""
    return _by("RecordAcknowledged", nth, by)


def phase_began(phase: int, *, by: str | None = None) -> After:
    """An application entered the phase; the first one that does, or `by` which."""
    return _by("PhaseBegan", 1, by, (("phase", phase),))


def phase_sent(phase: int, *, by: str | None = None) -> After:
    """An application handed over the last record of the phase; the first one that does, or `by` which."""
    return _by("PhaseSent", 1, by, (("phase", phase),))


def phase_ended(phase: int, *, by: str | None = None) -> After:
    """An application knows how each record of the phase ended; the first one that does, or `by` which."""
    return _by("PhaseEnded", 1, by, (("phase", phase),))


def started(client: str) -> After:
    """A life of an application began: `started("billing.2")`. The first life of a story's only one goes without a word."""
    return _by("ApplicationStarted", 1, client)


def stopped(client: str) -> After:
    """A life of an application that was asked to stop has closed its producer."""
    return _by("ApplicationStopped", 1, client)


def killed(client: str) -> After:
    """A life of an application was killed."""
    return _by("ApplicationKilled", 1, client)


def transaction_began(transaction: int, *, by: str | None = None) -> After:
    """An application began its transaction of that number; the first one that does, or `by` which."""
    return _by("TransactionBegan", 1, by, (("transaction", transaction),))


def transaction_ending(transaction: int, *, by: str | None = None) -> After:
    """An application asks for the first time for its transaction of that number to be committed or aborted."""
    return _by("TransactionEnding", 1, by, (("transaction", transaction),))


def transaction_ended(transaction: int, *, by: str | None = None) -> After:
    """An application was told for the first time how its transaction of that number ended; the first one, or `by` which."""
    return _by("TransactionEnded", 1, by, (("transaction", transaction),))
