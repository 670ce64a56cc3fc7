"""Partitioners that do not keep the records of a key together."""

from __future__ import annotations

from collections.abc import Iterator

from producer.governance.lint.configuration import Configuration
from producer.governance.lint.rule import Effect, Flaw, Rule

PARTITIONER, IGNORE = "partitioner.class", "partitioner.ignore.keys"
_BLIND = ("roundrobin", "random")


def _keys_are_spread(told: Configuration) -> Iterator[Flaw]:
    word = told.text(PARTITIONER).rpartition(".")[2].replace("_", "").lower().removesuffix("partitioner")
    if word in _BLIND:
        yield Flaw(
            (PARTITIONER,),
            "it does not look at keys: the records of one key lie in many partitions, and are read in no order",
        )
    elif told.is_true(IGNORE):
        yield Flaw((IGNORE,), "the records of one key lie in many partitions, and are read in no order")


RULES = (Rule("keys-spread", Effect.REORDERS, _keys_are_spread, "hot_key --set partitioner.class=round_robin"),)
