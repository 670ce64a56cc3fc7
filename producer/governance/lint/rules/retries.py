"""Retries, and whether brokers can tell them from new batches."""

from __future__ import annotations

from collections.abc import Iterator

from producer.config.cross_checks import IN_FLIGHT_MAX_IDEMPOTENT
from producer.governance.lint.configuration import Configuration
from producer.governance.lint.dialect import Dialect
from producer.governance.lint.rule import Effect, Flaw, Rule

IDEMPOTENCE, IN_FLIGHT = "enable.idempotence", "max.in.flight.requests.per.connection"


def _who_switched_it_off(told: Configuration) -> tuple[tuple[str, ...], str]:
    if told.given(IDEMPOTENCE) or told.dialect is Dialect.LIBRDKAFKA:
        return (IDEMPOTENCE,), ""
    return ("acks",), f"; idempotence is on by default, and {told.said('acks')} switches it off without a word"


def _retries_double(told: Configuration) -> Iterator[Flaw]:
    if told.is_idempotent or told.acks == "0" or told.retries < 1:
        return
    names, why = _who_switched_it_off(told)
    yield Flaw((*names, "retries"), f"a batch whose answer is lost is sent again, and written again{why}")


def _retries_reorder(told: Configuration) -> Iterator[Flaw]:
    if told.is_idempotent or told.acks == "0" or told.retries < 1 or told.in_flight < 2:
        return
    names, why = _who_switched_it_off(told)
    yield Flaw(
        (*names, "retries", IN_FLIGHT),
        f"up to {told.in_flight} requests are under way: one that is tried again lies behind those that came after it{why}",
    )


def _retries_zero(told: Configuration) -> Iterator[Flaw]:
    if told.retries == 0 and told.acks != "0":
        yield Flaw(("retries",), "what one more attempt would have written is given up: a leader that moves is enough")


def _idempotence_contradicted(told: Configuration) -> Iterator[Flaw]:
    transactional = told.given("transactional.id") is not None
    if transactional and told.given(IDEMPOTENCE) and not told.is_true(IDEMPOTENCE):
        yield Flaw(("transactional.id", IDEMPOTENCE), "transactions need an idempotent producer: it does not start")
    said = transactional or (told.given(IDEMPOTENCE) is not None and told.is_true(IDEMPOTENCE))
    most = told.number(IN_FLIGHT)
    is_on = said or (told.dialect is Dialect.JAVA and not told.given(IDEMPOTENCE))
    # In Java not even what switches the implicit idempotence off excuses this one.
    if is_on and told.given(IN_FLIGHT) and most is not None and most > IN_FLIGHT_MAX_IDEMPOTENT:
        yield Flaw(
            (IN_FLIGHT, IDEMPOTENCE),
            "brokers remember five batches of an idempotent producer, so the client does not start with more in flight",
        )
    if not said:
        return
    if told.acks != "all":
        yield Flaw(("acks", IDEMPOTENCE), "an idempotent producer needs acks=all: the client does not start")
    if told.retries == 0:
        yield Flaw(("retries", IDEMPOTENCE), "an idempotent producer needs retries: the client does not start")


def _deposed_leader(told: Configuration) -> Iterator[Flaw]:
    name = "acklab.remember.leaders"
    if told.given(name) and not told.is_true(name):
        yield Flaw((name,), "after a rebootstrap a deposed leader is believed, and a record can be written twice")


RULES = (
    Rule("retries-without-idempotence", Effect.DUPLICATES, _retries_double, "lost_ack_duplicate"),
    Rule("pipelined-without-idempotence", Effect.REORDERS, _retries_reorder, "pipelined_retry_reorder"),
    Rule("no-retries", Effect.LOSES, _retries_zero, "rolling_restart --set retries=0"),
    Rule("idempotence-contradicted", Effect.REFUSED, _idempotence_contradicted,
         "default_config --set enable.idempotence=true --set acks=1"),
    Rule("deposed-leader-believed", Effect.DUPLICATES, _deposed_leader, "rebootstrap_believes_a_deposed_leader"),
)  # fmt: skip
