"""How the records of a run ended, as their applications were told: in all, and client by client."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sim.clients.reader import CONSUMER
from sim.judges.history import ACKNOWLEDGED, FAILED, is_of_services

if TYPE_CHECKING:
    from sim.judges.history import History
    from sim.judges.ledger import Ledger


class Counts(NamedTuple):
    """How the records ended, as the applications were told."""

    sent: int
    acknowledged: int
    failed: int
    """Certainly not written."""
    unknown: int
    """Perhaps written; those without any verdict included."""
    read: int
    """Read back by the consumer at the end, of what applications wrote: not of topics that brokers and registries keep for themselves."""
    deleted: int = 0
    """Gone with a topic that somebody deleted; none of them is lost."""
    retired: int = 0
    """Removed as their topic's settings say, or as somebody wanted; none of them is lost."""
    retired_unread: int = 0
    """Of those, what no reader was given before."""


class ClientCounts(NamedTuple):
    """The same of one client: one life of one application."""

    client: str
    sent: int
    acknowledged: int
    failed: int
    unknown: int


def counted(ledger: Ledger) -> Counts:
    """Count all records of a run, but for those of registries."""
    history = ledger.history
    outcomes = Counter(history.outcome(record) for record in history.sent)
    sent, acknowledged, failed = len(history.sent), outcomes[ACKNOWLEDGED], outcomes[FAILED]
    read = sum(read.client == CONSUMER and not is_of_services(read.where.topic) for read in history.read)
    given = {ledger.readings.record_at(one) for one in history.read} if ledger.retired else set()
    return Counts(
        sent,
        acknowledged,
        failed,
        sent - acknowledged - failed,
        read,
        len(ledger.deleted),
        len(ledger.retired),
        len(ledger.retired - given),
    )


def counted_by_client(history: History) -> tuple[ClientCounts, ...]:
    """Count the records of each client, in the order of their first sends."""
    outcomes: dict[str, Counter[str]] = {}
    for record in history.sent:
        outcomes.setdefault(record.client, Counter())[history.outcome(record)] += 1
    found = []
    for client, told in outcomes.items():
        sent, acknowledged, failed = told.total(), told[ACKNOWLEDGED], told[FAILED]
        found.append(ClientCounts(client, sent, acknowledged, failed, sent - acknowledged - failed))
    return tuple(found)
