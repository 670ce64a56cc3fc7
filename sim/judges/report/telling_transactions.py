"""One plain sentence for each event about transactions: at their coordinator, and in applications."""

from __future__ import annotations

from typing import Any

from sim.judges.report.words import code_text, list_text, who_text
from sim.trace import events as cluster


def sentence_of_transactions(event: Any) -> str:
    """Say what happened to a transaction."""
    match event:
        case cluster.TransactionMoved(state="Empty"):
            return (
                f"b{event.broker} gives {event.transactional_id} producer id {event.producer_id}, "
                f"epoch {event.producer_epoch}"
            )
        case cluster.TransactionMoved(state="Ongoing"):
            return f"b{event.broker}: the transaction of {event.transactional_id} holds {list_text(event.partitions)}"
        case cluster.TransactionMoved(state="Dead"):
            return f"b{event.broker} forgets {event.transactional_id}: nobody used it for long"
        case cluster.TransactionMoved():
            said = {
                "PrepareCommit": "will commit, whatever happens",
                "PrepareAbort": "will abort, whatever happens",
                "CompleteCommit": "is committed everywhere",
                "CompleteAbort": "is aborted everywhere",
            }[event.state]
            return f"b{event.broker}: the transaction of {event.transactional_id} {said}, epoch {event.producer_epoch}"
        case cluster.TransactionFenced():
            return (
                f"b{event.broker} aborts the transaction of {event.transactional_id} and shuts out "
                f"epoch {event.producer_epoch}: {event.reason}"
            )
        case cluster.TransactionKept():
            return (
                f"b{event.broker} keeps the transaction that epoch {event.producer_epoch} of {event.transactional_id} "
                f"prepared: epoch {event.owner_epoch} is to end it"
            )
        case cluster.TransactionRefused():
            return (
                f"b{event.broker} refuses {event.api} of {event.transactional_id}, "
                f"epoch {event.producer_epoch}: {code_text(event.code)}"
            )
        case cluster.TransactionsLoaded():
            return (
                f"b{event.broker} coordinates the transactions of __transaction_state-{event.partition} and has read "
                f"{event.transactional_ids}, {event.prepared} of them with markers to write"
            )
        case cluster.MarkersSent():
            end = "commit" if event.is_commit else "abort"
            return (
                f"b{event.broker} asks b{event.target} to write the {end} of {event.transactional_id} "
                f"into {list_text(event.partitions)}"
            )
        case cluster.MarkerAnswered():
            fate = "is written" if event.code == 0 else f"is not written: {code_text(event.code)}"
            return f"the marker of {event.transactional_id} in {event.topic}-{event.partition} {fate}"
        case cluster.OffsetsCompleted():
            fate = "count" if event.is_commit else "are forgotten"
            told = list_text([f"{topic}-{partition} at {offset}" for _, topic, partition, offset in event.positions])
            return f"b{event.broker}: positions of producer {event.producer_id}'s transaction {fate}: {told}"
        case _:
            return _of_exactly_once(event)


def _of_exactly_once(event: Any) -> str:
    match event:
        case cluster.TransactionalIdTaken():
            return f"{who_text(event.client)} has {event.transactional_id} from now on"
        case cluster.TransactionBegan():
            return f"{who_text(event.client)} begins transaction {event.transaction}"
        case cluster.TransactionRecovered():
            first = f"transaction {event.first_transaction} of {event.first_client}"
            return f"{who_text(event.client)} goes on with {first}, as its transaction {event.transaction}"
        case cluster.RecordDerived():
            where = f"{event.topic}-{event.partition} offset {event.offset}"
            return f"{who_text(event.client)} makes record {event.record} of what {event.reader} was given, {where}"
        case cluster.OffsetsGiven():
            told = list_text([f"{topic}-{partition} at {offset}" for topic, partition, offset in event.positions])
            return f"{who_text(event.client)} puts positions of group {event.group} into transaction {event.transaction}: {told}"
        case cluster.CheckpointTaken():
            told = list_text([f"{topic}-{partition} at {offset}" for topic, partition, offset in event.positions])
            return f"{who_text(event.client)} keeps a checkpoint with transaction {event.transaction}: {told}"
        case cluster.TransactionEnding():
            how = "committed" if event.is_commit else "aborted"
            return f"{who_text(event.client)} asks for transaction {event.transaction} to be {how}"
        case cluster.TransactionEnded():
            fate = {
                "committed": "is committed",
                "aborted": "is aborted",
                "fenced": "is another's to end",
                "failed": "cannot be committed",
            }.get(event.outcome, "may be committed or not")
            why = "" if event.code == 0 else f": {code_text(event.code)}"
            return f"{who_text(event.client)} is told that transaction {event.transaction} {fate}{why}"
        case _:
            return type(event).__name__
