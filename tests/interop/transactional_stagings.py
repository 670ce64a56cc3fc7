"""What our transactional producers and Java's are put through together, in the order of the table; and where they differ on purpose."""

from __future__ import annotations

from collections.abc import Callable

from tests.interop import transactional_calls as calls
from tests.interop import transactional_faults as faults
from tests.interop import transactional_records as records
from tests.interop.transactional_stage import READ, TransactionalStage

Staging = Callable[[TransactionalStage], None]

QUEUED_FIRST = """Java queues a record before it looks whether a transaction takes it (`KafkaProducer.doSend`): what `send` refused
with an IllegalStateException is written all the same, with the next transaction or with the one that is being committed.
What `send` refuses here is not written."""
ONLY_ABORTABLE = """Where a record ran out of time Java's later calls say no more than that the transaction can be aborted
(TransactionAbortableException within a KafkaException, or another, as the last reason is kept); here they say what ran out of time."""

DIFFERENCES: dict[str, tuple[tuple[str, ...], str]] = {
    "calls_before_init": ((READ,), QUEUED_FIRST),
    "calls_between_transactions": ((READ,), QUEUED_FIRST),
    "commit_timed_out": ((READ,), QUEUED_FIRST),
    "a_record_that_expires": (("commit",), ONLY_ABORTABLE),
    "a_topic_that_is_not_there": (("commit",), ONLY_ABORTABLE),
}
"""Where ours differs on purpose: in which lines of which staging, and why. Everything else is the same."""

PROXIED = (faults.answer_to_commit_lost, faults.answers_lost_on_the_way)
"""Staged with the wire in our hands."""

STAGINGS: tuple[Staging, ...] = (
    calls.commit,
    calls.abort,
    calls.aborted_before_it_left,
    calls.closed_while_open,
    calls.calls_before_init,
    calls.calls_between_transactions,
    calls.calls_without_an_id,
    calls.a_time_out_that_brokers_do_not_allow,
    records.a_record_over_max_request_size,
    records.a_record_over_the_topic_s_limit,
    records.a_record_over_the_topic_s_limit_found_by_commit,
    records.a_topic_that_is_not_there,
    records.a_record_that_expires,
    faults.fenced,
    faults.timed_out,
    faults.coordinator_killed,
    faults.answer_to_commit_lost,
    faults.answers_lost_on_the_way,
    faults.commit_timed_out,
    faults.abort_timed_out,
    faults.init_timed_out,
    faults.offsets_timed_out,
    records.offsets_committed,
    records.stale_generation,
)
