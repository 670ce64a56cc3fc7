"""How long a transaction may stay open."""

from __future__ import annotations

from collections.abc import Iterator

from producer.governance.lint.configuration import Configuration
from producer.governance.lint.rule import Effect, Flaw, Rule

TIMEOUT, REQUEST = "transaction.timeout.ms", "request.timeout.ms"
MOST_MS = 900_000
"""transaction.max.timeout.ms of brokers, by default."""


def _too_short(told: Configuration) -> Iterator[Flaw]:
    timeout, request = told.number(TIMEOUT), told.number(REQUEST)
    if told.given("transactional.id") and timeout is not None and request is not None and 0 <= timeout < request:
        yield Flaw(
            (TIMEOUT, REQUEST),
            "one request that is not answered outlasts the transaction: its coordinator aborts it, and who resumes it, by a "
            "checkpoint say, finds its records gone",
        )


def _too_long(told: Configuration) -> Iterator[Flaw]:
    timeout = told.number(TIMEOUT)
    if told.given("transactional.id") and timeout is not None and timeout > MOST_MS:
        yield Flaw(
            (TIMEOUT,),
            f"above transaction.max.timeout.ms of brokers ({MOST_MS} by default): initTransactions is refused, and nothing is sent",
        )


RULES = (
    Rule("transaction-too-short", Effect.LOSES, _too_short, "flink_short_transaction_timeout"),
    Rule("transaction-too-long", Effect.REFUSED, _too_long,
         "transaction_is_not_torn --set transaction.timeout.ms=1000000"),
)  # fmt: skip
