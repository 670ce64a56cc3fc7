"""How long a record, a request and a call may take, and which of these leaves no room for another."""

from __future__ import annotations

from collections.abc import Iterator

from producer.governance.lint.configuration import Configuration
from producer.governance.lint.dialect import Dialect
from producer.governance.lint.rule import Effect, Flaw, Rule

HOUR_MS = 3_600_000
FOREVER_MS = 2**31 - 1
"""About 25 days, which is what people write for "for ever"."""


def _no_time_for_a_retry(told: Configuration) -> Iterator[Flaw]:
    delivery, linger, request = (
        told.number(name) for name in ("delivery.timeout.ms", "linger.ms", "request.timeout.ms")
    )
    backoff = told.number("retry.backoff.ms") or 0
    if delivery is None or linger is None or request is None or delivery == 0:
        return
    if not told.given("delivery.timeout.ms") and told.dialect is Dialect.JAVA:
        # Kafka raises the default to what the others need, which is one attempt.
        delivery = max(delivery, linger + request)
    left = delivery - linger - request
    if left > backoff:
        return
    why = f"one request that is not answered takes {request} ms of {delivery} ms, so no other is tried: the record is given up, and may be written"
    if left < 0 and told.dialect is Dialect.JAVA:
        why += f"; Java's producer does not start: delivery.timeout.ms must be at least linger.ms + request.timeout.ms = {linger + request}"
    yield Flaw(("delivery.timeout.ms", "request.timeout.ms", "linger.ms"), why)


def _max_block_zero(told: Configuration) -> Iterator[Flaw]:
    if told.number("max.block.ms") == 0:
        yield Flaw(
            ("max.block.ms",), "`send` refuses every record until it knows the topic, and whenever the buffer is full"
        )


def _max_block_forever(told: Configuration) -> Iterator[Flaw]:
    most = told.number("max.block.ms")
    if most is not None and most >= HOUR_MS:
        yield Flaw(
            ("max.block.ms",), "`send` blocks its caller for so long where a topic is not there, or no broker answers"
        )


def _delivery_forever(told: Configuration) -> Iterator[Flaw]:
    most = told.number("delivery.timeout.ms")
    endless = most == 0 and told.dialect is Dialect.LIBRDKAFKA
    if most is not None and (most >= FOREVER_MS or endless):
        yield Flaw(
            ("delivery.timeout.ms",),
            "a record that cannot be written is never given up: `flush` and `close` wait with it, and so does all behind it",
        )


RULES = (
    Rule("no-time-for-a-retry", Effect.LOSES, _no_time_for_a_retry, "resend_on_error"),
    Rule("max-block-zero", Effect.LOSES, _max_block_zero, "default_config --set max.block.ms=0"),
    Rule("max-block-forever", Effect.HANGS, _max_block_forever,
         "default_config --set max.block.ms=3600000 --fault 'at 0s: cut producer-1 <-> *'"),
    Rule("delivery-forever", Effect.HANGS, _delivery_forever,
         "default_config --set delivery.timeout.ms=2147483647 --fault 'at 0s: shrink orders-0 by b2,b3 for 60s'"),
)  # fmt: skip
