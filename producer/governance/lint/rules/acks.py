"""Who has a record when it counts as written, and who is told when it does not."""

from __future__ import annotations

from collections.abc import Iterator

from producer.governance.lint.configuration import Configuration
from producer.governance.lint.dialect import CALLBACKS, REPORTS
from producer.governance.lint.rule import Effect, Flaw, Rule


def _acks_zero(told: Configuration) -> Iterator[Flaw]:
    if told.acks == "0":
        yield Flaw(
            ("acks",), "no broker answers: what is lost on its way is lost without an error, and no offset is known"
        )


def _acks_one(told: Configuration) -> Iterator[Flaw]:
    if told.acks == "1" and (told.number("min.insync.replicas") or 1) < 2:
        yield Flaw(("acks",), "the leader acknowledges alone: what nobody has copied goes with it when it dies")


def _acks_below_min_insync(told: Configuration) -> Iterator[Flaw]:
    least = told.number("min.insync.replicas") or 1
    if told.acks in {"0", "1"} and least >= 2:
        yield Flaw(
            ("acks", "min.insync.replicas"),
            f"brokers look at min.insync.replicas for acks=all alone: a leader without {least - 1} more in sync takes "
            "the record, acknowledges it, and may lose it",
        )


def _min_insync_one(told: Configuration) -> Iterator[Flaw]:
    if told.acks == "all" and told.given("min.insync.replicas") and told.number("min.insync.replicas") == 1:
        yield Flaw(
            ("min.insync.replicas",),
            "acks=all is content with the leader alone once the others have fallen behind: one disk is all that has the record",
        )


def _unclean_election(told: Configuration) -> Iterator[Flaw]:
    if told.is_true("unclean.leader.election.enable"):
        yield Flaw(
            ("unclean.leader.election.enable",),
            "a replica that lacks acknowledged records may lead, and the others cut theirs",
        )


def _no_delivery_callback(told: Configuration) -> Iterator[Flaw]:
    why = "what fails behind `send` is told to the delivery callback and to nobody else"
    for name in REPORTS:
        if told.given(name) and not told.is_true(name):
            yield Flaw((name,), why)
    absent = [
        name for name in CALLBACKS if (one := told.given(name)) and one.value.strip().lower() in {"", "null", "none"}
    ]
    present = [name for name in CALLBACKS if told.given(name) and name not in absent]
    if absent and not present:
        yield Flaw(tuple(absent), why)


RULES = (
    Rule("acks-zero", Effect.LOSES, _acks_zero, "acks_zero_lost_connection"),
    Rule("acks-one", Effect.LOSES, _acks_one, "acks_one_leader_crash"),
    Rule("acks-below-min-insync", Effect.LOSES, _acks_below_min_insync, "acks_one_below_min_isr"),
    Rule("min-insync-one", Effect.LOSES, _min_insync_one, "min_insync_replicas_altered"),
    Rule("unclean-election", Effect.LOSES, _unclean_election, "unclean_election_takes_back_what_was_read"),
    Rule("no-delivery-callback", Effect.LOSES, _no_delivery_callback, "event_time_ahead"),
)
