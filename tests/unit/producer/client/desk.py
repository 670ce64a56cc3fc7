"""Somebody who asks, a client, and brokers: what a control request goes through."""

from __future__ import annotations

from collections.abc import Iterable

from producer.client.coordinators import CoordinatorKey
from producer.client.ruling import Done, Ending, Ruling
from producer.wire import codec
from producer.wire.api import ApiKey
from producer.wire.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from tests.unit.producer.client.bare_client import BareClient
from tests.unit.producer.scripted_brokers import ScriptedBrokers


class Question:
    """A requester that rules as the test says, and notes what it is told."""

    api = ApiKey.INIT_PRODUCER_ID

    def __init__(
        self,
        name: str,
        *,
        priority: int = 1,
        rulings: Iterable[Ruling] = (),
        at_most: int | None = None,
        target: CoordinatorKey | None = None,
    ) -> None:
        self.name = name
        self.target = target
        self.priority = priority
        self.at_most: int | None = at_most
        self.rulings = list(rulings)
        self.endings: list[Ending] = []

    def encode(self, version: int) -> bytes:
        asked = InitProducerIdRequest(transactional_id=self.name)
        return codec.encode(asked, version)

    def decode(self, body: bytes, version: int) -> InitProducerIdResponse:
        return codec.decode(InitProducerIdResponse, body, version)

    def take(self, told: InitProducerIdResponse) -> Ruling:
        return self.rulings.pop(0) if self.rulings else Done()

    def ended(self, ending: Ending, now_us: int) -> None:
        self.endings.append(ending)


class Desk:
    """A client, brokers, and what reached them."""

    def __init__(self, *questions: Question, brokers: int = 1) -> None:
        self.brokers = ScriptedBrokers(brokers=brokers)
        self.bare = BareClient()
        for question in questions:
            self.bare.client.control.ask(question)
        self.brokers.drive(self.bare)

    def ask(self, question: Question) -> None:
        self.bare.client.control.ask(question)
        self.bare.advance(self.brokers.now_us)
        self.brokers.settle()

    @property
    def waiting(self) -> list[str | None]:
        return [name for _, name in self.asked]

    @property
    def asked(self) -> list[tuple[int, str | None]]:
        """Which broker was asked which question, that waits."""
        return [
            (one.broker, codec.decode(InitProducerIdRequest, one.body, one.version).transactional_id)
            for one in self.brokers.waiting
            if one.api is ApiKey.INIT_PRODUCER_ID
        ]

    def answer(self, throttle_time_ms: int = 0) -> None:
        request = self.brokers.next()
        told = InitProducerIdResponse(throttle_time_ms, 0, 1, 0)
        self.brokers.answer(request, codec.encode(told, request.version))
