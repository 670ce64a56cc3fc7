"""Enforcements that tests understand at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.gateway.core.enforcement import Decision, UnavailableError, Violation

if TYPE_CHECKING:
    from producer.wire.record_batch import BatchRecord
    from sim.gateway.core.enforcement import Appended, Client, Steps

SECRET = b"4111111111111111"


class Rules:
    """A value that holds `bad` may not pass; the secret is written as stars, and as the secret read by alice alone."""

    def __init__(self, *, may_block: bool = False) -> None:
        self.may_block = may_block
        self.is_away = False
        self.appended: list[tuple[Client, Appended]] = []

    def produced(self, client: Client, topic: str, partition: int, records: tuple[BatchRecord, ...]) -> Steps[Decision]:
        yield from self._look()
        wrong = [
            Violation(number, "field kind is bad") for number, one in enumerate(records) if b"bad" in (one.value or b"")
        ]
        hidden = [one._replace(value=(one.value or b"").replace(SECRET, b"****")) for one in records]
        return Decision(tuple(hidden), tuple(wrong))

    def fetched(self, client: Client, topic: str, records: tuple[BatchRecord, ...]) -> Steps[tuple[BatchRecord, ...]]:
        yield from self._look()
        if client.principal != "User:alice":
            return records
        return tuple([one._replace(value=(one.value or b"").replace(b"****", SECRET)) for one in records])

    def answered(self, client: Client, appended: Appended) -> None:
        self.appended.append((client, appended))

    def answer(self, question: object) -> None:
        """Whoever drives a session has to come by here before anything passes."""
        assert question == "whether it is away"

    def _look(self) -> Steps[None]:
        yield "whether it is away"
        if self.is_away:
            msg = "the key service is away"
            raise UnavailableError(msg)
