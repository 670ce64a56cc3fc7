"""The rules, by what they look at; each is one function with its row in `RULES`."""

from __future__ import annotations

from producer.governance.lint.rule import Rule
from producer.governance.lint.rules import (
    acks,
    batches,
    partitioning,
    retries,
    schemas,
    secrets,
    times,
    transactions,
    words,
)

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    *acks.RULES,
    *times.RULES,
    *retries.RULES,
    *transactions.RULES,
    *batches.RULES,
    *partitioning.RULES,
    *schemas.RULES,
    *secrets.RULES,
    *words.RULES,
)
"""In the order in which findings are told."""
