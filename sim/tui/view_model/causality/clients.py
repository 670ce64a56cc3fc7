"""What brings a client's own events about: its records, its batches, its connections, what it knows of the cluster."""

from __future__ import annotations

from typing import Any

from producer import events as engine
from sim.trace import events as cluster
from sim.tui.view_model.causality.memory import LINKS, NOBODY, Found, Memory, Rules

CLOSED = "the client closed it"
"""Why a connection ended that nobody broke."""
TIMED_OUT = "a request timed out"


# -- applications ------------------------------------------------------------------------------------------------------


def _life(memory: Memory, number: int, event: Any) -> Found:
    """A life begins, ends, stands still: by a fault of this time, or as the step before led to it."""
    before, memory.phase[event.client] = memory.phase[event.client], number
    fault = memory.fault_naming(event.client, event.at_us)
    if fault == NOBODY and type(event) is cluster.ApplicationStarted:
        fault = memory.fault_naming(event.application, event.at_us)
    if fault == NOBODY:
        fault = memory.fault_naming(event.client.partition(".")[0], event.at_us)
    return (before,) if fault == NOBODY else (fault,)


def _phase(memory: Memory, number: int, event: Any) -> Found:
    before, memory.phase[event.client] = memory.phase[event.client], number
    return (before,)


def _phase_ended(memory: Memory, number: int, event: cluster.PhaseEnded) -> Found:
    before, memory.phase[event.client] = memory.phase[event.client], number
    return (memory.told[event.client], before)


# -- records -----------------------------------------------------------------------------------------------------------


def _sent(memory: Memory, number: int, event: cluster.RecordSent) -> Found:
    # The application's own will, unless it said that it repeats or makes something.
    memory.sent[event.client, event.record] = memory.sent[event.client] = number
    return (memory.said_before.pop((event.client, event.record), NOBODY),)


def _sent_again(memory: Memory, number: int, event: cluster.RecordSentAgain) -> Found:
    memory.said_before[event.client, event.record] = number
    first = (event.first_client, event.first_record)
    ended = memory.phase[event.first_client] if event.first_client != event.client else NOBODY
    return (memory.failed_record[first], ended, memory.sent[first])


def _derived(memory: Memory, number: int, event: cluster.RecordDerived) -> Found:
    memory.said_before[event.client, event.record] = number
    return (memory.read[event.reader, event.topic, event.partition, event.offset],)


def _prepared(memory: Memory, _: int, event: Any) -> Found:
    """A record is governed or serialized, before or after its send is told."""
    return (memory.sent[event.client, event.record], memory.said_before[event.client, event.record])


def _accepted(memory: Memory, number: int, event: engine.RecordAccepted) -> Found:
    record = (event.client, event.token)
    memory.accepted[record] = number
    memory.batch_of_record[record] = event.batch
    sent = memory.sent[record]
    waited_for = memory.metadata[event.client]
    # A topic that has grown sends keys elsewhere from then on.
    return (sent, waited_for if waited_for > sent else NOBODY, memory.grown[event.client, event.topic])


def _record_acknowledged(memory: Memory, number: int, event: cluster.RecordAcknowledged) -> Found:
    memory.told[event.client] = number
    record = (event.client, event.record)
    batch = memory.batch_of_record.pop(record, None)
    ended = NOBODY if batch is None else memory.batch_end[event.client, batch]
    return (ended, memory.accepted.pop(record, NOBODY))


def _record_failed(memory: Memory, number: int, event: cluster.RecordFailed) -> Found:
    memory.told[event.client] = memory.failed_record[event.client, event.record] = number
    record = (event.client, event.record)
    batch = memory.batch_of_record.pop(record, None)
    ended = NOBODY if batch is None else memory.batch_end[event.client, batch]
    joined = memory.accepted.pop(record, NOBODY)
    return (ended, joined if joined != NOBODY else memory.sent[record])


# -- batches -----------------------------------------------------------------------------------------------------------


def _opened(memory: Memory, number: int, event: engine.BatchOpened) -> Found:
    memory.batch_step[event.client, event.batch] = number
    split = memory.batch_end[event.client, event.batch]
    if split != NOBODY:
        return (split,)
    waited_for = memory.metadata[event.client]
    last = memory.sent[event.client]
    return (last, waited_for if waited_for > last else NOBODY, memory.grown[event.client, event.topic])


def _batch_sent(memory: Memory, number: int, event: engine.BatchSent) -> Found:
    batch = (event.client, event.batch)
    before = memory.batch_step[batch]
    request = (event.client, event.connection, event.correlation_id)
    memory.batch_sent[batch] = (number, request, (event.topic, event.partition))
    memory.batches_of.setdefault(request, []).append(number)
    ready = memory.connection[event.client, event.connection]
    known = memory.identity[event.client]
    return (before, ready if ready > before else NOBODY, known if known > before else NOBODY)


def _why_no_answer(memory: Memory, event: Any) -> Found:
    """Give why the last attempt of a batch brought no good answer: an error, the connection's end, what became of the request."""
    attempt = memory.batch_sent.get((event.client, event.batch))
    if attempt is None:
        return ()
    sent, request, where = attempt
    response = memory.response[request]
    decided = memory.answer_code.get((request, where))
    if decided is not None and decided[1] and response != NOBODY and request not in memory.spoilt:
        return (response,)
    ended = memory.lost_connection[request[:2]]
    spoilt = memory.spoilt[request]
    return (ended if ended > sent else NOBODY, spoilt, sent)


def _retried(memory: Memory, number: int, event: engine.BatchRetried) -> Found:
    found = _why_no_answer(memory, event)
    memory.batch_step[event.client, event.batch] = number
    return found


def _resequenced(memory: Memory, number: int, event: engine.BatchResequenced) -> Found:
    before, memory.batch_step[event.client, event.batch] = memory.batch_step[event.client, event.batch], number
    return (memory.identity[event.client], before)


def _batch_acknowledged(memory: Memory, number: int, event: engine.BatchAcknowledged) -> Found:
    batch = (event.client, event.batch)
    memory.batch_end[batch] = number
    memory.batch_step.pop(batch, None)
    attempt = memory.batch_sent.pop(batch, None)
    if attempt is None:
        return ()
    sent, request, _ = attempt
    response = memory.response[request]
    return (response if response != NOBODY else sent,)


def _batch_failed(memory: Memory, number: int, event: engine.BatchFailed) -> Found:
    batch = (event.client, event.batch)
    before = memory.batch_step.pop(batch, NOBODY)
    attempt = memory.batch_sent.get(batch)
    # One that waits for its next attempt has had its answer.
    found = _why_no_answer(memory, event) if attempt is not None and attempt[0] > before else ()
    memory.batch_end[batch] = number
    memory.batch_sent.pop(batch, None)
    waits_for = memory.phase[event.client]
    return (*found, before, waits_for if waits_for > before and not attempt else NOBODY)


def _split(memory: Memory, number: int, event: engine.BatchSplit) -> Found:
    found = _why_no_answer(memory, event)
    memory.batch_end[event.client, event.batch] = number
    for part in event.parts:
        memory.batch_end[event.client, part] = number
        memory.batch_step[event.client, part] = number
    return found


# -- what a client knows, and by which connections ---------------------------------------------------------------------


def _connection_requested(memory: Memory, number: int, event: engine.ConnectionRequested) -> Found:
    before = memory.lost_connection[event.client]
    memory.connection[event.client, event.connection] = number
    return (max(before, memory.metadata[event.client], memory.sent[event.client], memory.phase[event.client]),)


def _connection_ready(memory: Memory, number: int, event: engine.ConnectionReady) -> Found:
    key = (event.client, event.connection)
    before, memory.connection[key] = memory.connection[key], number
    return (before,)


def _connection_lost(memory: Memory, number: int, event: engine.ConnectionLost) -> Found:
    key = (event.client, event.connection)
    begun = memory.connection[key]
    memory.lost_connection[key] = number
    if event.reason == CLOSED:
        return (memory.phase[event.client], begun)
    memory.lost_connection[event.client] = number
    struck = [memory.spoilt_connection[key], memory.trouble[event.broker], memory.named[event.client]]
    struck += [memory.verb[verb] for verb in LINKS if _names(memory, verb, event)]
    # What struck before the connection was asked for explains it only while the broker is still down.
    is_down = memory.is_in_trouble.get(event.broker, False)
    after = [one for one in struck if one > begun or (is_down and one != NOBODY)]
    return (max(after, default=NOBODY), begun)


def _names(memory: Memory, verb: str, event: engine.ConnectionLost) -> bool:
    fault = memory.verb[verb]
    return fault != NOBODY and fault in {memory.named[event.client], memory.trouble[event.broker]}


def _metadata(memory: Memory, number: int, event: engine.MetadataLearned) -> Found:
    before, memory.metadata[event.client] = memory.metadata[event.client], number
    learned = [memory.elected[topic, partition] for topic, partition, _, _ in event.leaders]
    for topic in {topic: None for topic, *_ in event.leaders}:
        added = memory.added[topic]
        if added > before != NOBODY:
            memory.grown[event.client, topic] = number
            learned.append(added)
    return (memory.response_to[event.client], *(one for one in learned if one > before != NOBODY))


def _identity(memory: Memory, number: int, event: engine.IdentityAssigned) -> Found:
    before, memory.identity[event.client] = memory.identity[event.client], number
    return (memory.response_to[event.client] if event.producer_id >= 0 else before,)


def _rebootstrapped(memory: Memory, _: int, event: engine.Rebootstrapped) -> Found:
    return (memory.lost_connection[event.client],)


RULES: Rules = {
    cluster.ApplicationStarted: _life,
    cluster.ApplicationStopping: _life,
    cluster.ApplicationStopped: _life,
    cluster.ApplicationKilled: _life,
    cluster.ApplicationPaused: _life,
    cluster.ApplicationResumed: _life,
    cluster.PhaseAwaited: _phase,
    cluster.PhaseBegan: _phase,
    cluster.PhaseSent: _phase,
    cluster.PhaseEnded: _phase_ended,
    cluster.RecordSent: _sent,
    cluster.RecordSentAgain: _sent_again,
    cluster.RecordDerived: _derived,
    cluster.RecordGoverned: _prepared,
    cluster.RecordSerialized: _prepared,
    cluster.RecordNotSerialized: _prepared,
    cluster.RecordAcknowledged: _record_acknowledged,
    cluster.RecordFailed: _record_failed,
    engine.RecordAccepted: _accepted,
    engine.BatchOpened: _opened,
    engine.BatchSent: _batch_sent,
    engine.BatchRetried: _retried,
    engine.BatchResequenced: _resequenced,
    engine.BatchAcknowledged: _batch_acknowledged,
    engine.BatchFailed: _batch_failed,
    engine.BatchSplit: _split,
    engine.ConnectionRequested: _connection_requested,
    engine.ConnectionReady: _connection_ready,
    engine.ConnectionLost: _connection_lost,
    engine.MetadataLearned: _metadata,
    engine.IdentityAssigned: _identity,
    engine.Rebootstrapped: _rebootstrapped,
}
