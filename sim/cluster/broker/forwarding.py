"""Requests that the active controller decides: passed on to it, and its answers brought back (Kafka's ForwardingManager, KIP-590).

They travel on the broker's line to the controller and share its fate: what has no answer when that line breaks, or when the
other end is not active any more, goes out again on the next one. So a request can be decided twice, and a topic that was
created before its answer got lost exists already, as with Apache Kafka.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from producer.errors import Code
from sim.cluster.broker.purgatory import Purgatory, Waiting
from sim.cluster.envelope import Envelope, EnvelopeAnswer, Refusal
from sim.cluster.security.principal import Principal
from sim.world.units import SECOND_US

RETRY_TIMEOUT_US = 60 * SECOND_US
"""How long an answer is waited for in all (BrokerServer: the retry time-out of clientToControllerChannelManager)."""


class _Passed(NamedTuple):
    envelope: Envelope
    answered: Callable[[Any], object]
    waiting: Waiting


class Forwarding:
    """What one life of a broker has passed on and has no answer for."""

    __slots__ = ("_broker_id", "_count", "_passed", "_purgatory", "_send")

    def __init__(self, broker_id: int, purgatory: Purgatory, send: Callable[[Envelope], object]) -> None:
        self._broker_id = broker_id
        self._purgatory = purgatory
        self._send = send
        self._count = 0
        self._passed: dict[int, _Passed] = {}

    def ask(
        self,
        api: int,
        version: int,
        request: Any,
        answered: Callable[[Any], object],
        *,
        principal: Principal,
        client: str,
        client_id: str,
    ) -> None:
        """Pass a message on, on behalf of a principal at a client's host. `answered` is called with the API's answer, with a `Refusal` of the whole request, or with what it
        raised.
        """
        self._count += 1
        number = self._count
        waiting = self._purgatory.wait(RETRY_TIMEOUT_US, partial(self._expired, number))
        envelope = Envelope(number, self._broker_id, api, version, request, principal, client, client_id)
        passed = _Passed(envelope, answered, waiting)
        self._passed[number] = passed
        self._send(passed.envelope)

    def ask_again(self) -> None:
        """There is another line: whatever has no answer goes out on it."""
        for passed in self._passed.values():
            self._send(passed.envelope)

    def received(self, message: EnvelopeAnswer) -> None:
        """Hand an answer to whoever asked; the second of two that were asked twice finds nobody."""
        passed = self._passed.pop(message.number, None)
        if passed is not None:
            passed.waiting.end()
            passed.answered(message.answer)

    def _expired(self, number: int) -> None:
        self._passed.pop(number).answered(Refusal(Code.REQUEST_TIMED_OUT))
