"""What brings a broker's work on a client's request about, and its answer."""

from __future__ import annotations

from typing import Any

from producer.errors import error_code
from sim.trace import events as cluster
from sim.tui.view_model.causality.memory import NOBODY, Found, Memory, Rules

NOT_LEADING = frozenset({"NOT_LEADER_OR_FOLLOWER", "FENCED_LEADER_EPOCH", "UNKNOWN_LEADER_EPOCH"})
TOO_FEW = frozenset({"NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS_AFTER_APPEND"})

END = "EndTxn"
TRANSACTIONAL = frozenset({END, "AddPartitionsToTxn", "AddOffsetsToTxn", "InitProducerId"})
"""The requests that a coordinator of transactions acts on."""


def _received(memory: Memory, number: int, event: cluster.RequestReceived) -> Found:
    request = (event.client, event.connection, event.correlation_id)
    memory.received[request] = number
    if event.api in TRANSACTIONAL:
        memory.transactional[event.broker] = number
    carried = memory.batches_of.get(request, ())
    detained = memory.spoilt[request]
    if detained != NOBODY:
        # What its client asks for by now is no cause of it.
        return (detained, *carried)
    return carried or (_asked_for(memory, event), memory.connection[event.client, event.connection])


def _asked_for(memory: Memory, event: Any) -> int:
    return memory.ending[event.client] if event.api == END else NOBODY


def _detained(memory: Memory, number: int, event: cluster.RequestDetained) -> Found:
    return _spoilt(memory, number, event, "detain")


def _lost(memory: Memory, number: int, event: cluster.RequestLost) -> Found:
    return _spoilt(memory, number, event, "lose")


def _dropped(memory: Memory, number: int, event: cluster.ResponseDropped) -> Found:
    return _spoilt(memory, number, event, "drop")


def _spoilt(memory: Memory, number: int, event: Any, verb: str) -> Found:
    request = (event.client, event.connection, event.correlation_id)
    memory.spoilt[request] = memory.spoilt_connection[request[:2]] = number
    fault = memory.strike(verb, event.api)
    before = memory.answered.get(request) or [memory.received[request]]
    if before != [NOBODY]:
        return (fault, *before)
    return (fault, *memory.batches_of.get(request, ()), _asked_for(memory, event))


def _produce_answered(memory: Memory, number: int, event: cluster.ProduceAnswered) -> Found:
    request = (event.client, event.connection, event.correlation_id)
    where = (event.topic, event.partition)
    memory.answered.setdefault(request, []).append(number)
    memory.answer_code[request, where] = (number, event.code)
    written = memory.written.pop((request, where), NOBODY)
    received = memory.received[request]
    if event.code == 0:
        # With acks=all the answer waited for the high watermark.
        committed = memory.watermark[where]
        return (written if written != NOBODY else received, committed if committed > written != NOBODY else NOBODY)
    return (*_why_refused(memory, event), written if written != NOBODY else received)


def _why_refused(memory: Memory, event: cluster.ProduceAnswered) -> Found:
    where = (event.topic, event.partition)
    name = error_code(event.code).name
    fault = memory.strike("answer", "Produce", f"{event.topic}-{event.partition}", name)
    if fault != NOBODY:
        return (fault,)
    if name in NOT_LEADING:
        return (memory.elected[where], memory.became[event.broker, event.topic, event.partition])
    if name in TOO_FEW:
        return (memory.isr_changed[where],)
    if name == "REQUEST_TIMED_OUT":
        return _who_did_not_copy(memory, event)
    if name.endswith("AUTHORIZATION_FAILED"):
        return (memory.setting["refused"],)
    return (memory.topic[event.topic],) if name == "UNKNOWN_TOPIC_OR_PARTITION" else ()


def _who_did_not_copy(memory: Memory, event: cluster.ProduceAnswered) -> Found:
    """Give what befell the in-sync replicas that the answer waited for in vain."""
    isr = memory.isr.get((event.topic, event.partition), ())
    return [memory.trouble[broker] for broker in isr if broker != event.broker]


def _response_sent(memory: Memory, number: int, event: cluster.ResponseSent) -> Found:
    request = (event.client, event.connection, event.correlation_id)
    memory.response[request] = memory.response_to[event.client] = number
    return memory.answered.pop(request, None) or (memory.received[request],)


def _decided(memory: Memory, _: int, event: Any) -> Found:
    """A coordinator decides about a position; a quota holds a client back."""
    return (memory.received[event.client, event.connection, event.correlation_id],)


def _throttled(memory: Memory, _: int, event: cluster.ClientThrottled) -> Found:
    return (memory.received[event.client, event.connection, event.correlation_id], memory.setting["quota"])


def _refused(memory: Memory, number: int, _event: cluster.AuthorizationRefused) -> Found:
    memory.setting["refused"] = number
    return (memory.setting["acl"],)


def _connection(memory: Memory, number: int, event: Any) -> Found:
    key = (event.client, event.connection)
    before, memory.connection[key] = memory.connection[key], number
    return (before,)


RULES: Rules = {
    cluster.RequestReceived: _received,
    cluster.RequestDetained: _detained,
    cluster.RequestLost: _lost,
    cluster.ResponseDropped: _dropped,
    cluster.ProduceAnswered: _produce_answered,
    cluster.ResponseSent: _response_sent,
    cluster.OffsetCommitReceived: _decided,
    cluster.OffsetCommitAnswered: _decided,
    cluster.OffsetFetchAnswered: _decided,
    cluster.HandlerFailed: _decided,
    cluster.ClientThrottled: _throttled,
    cluster.AuthorizationRefused: _refused,
    cluster.ClientAuthenticated: _connection,
    cluster.AuthenticationFailed: _connection,
    cluster.RequestRejected: _connection,
}
