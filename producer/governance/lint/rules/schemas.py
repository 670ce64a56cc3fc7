"""Serializers that ask a schema registry, and what they may do there unasked."""

from __future__ import annotations

from collections.abc import Iterator

from producer.governance.lint.configuration import Configuration
from producer.governance.lint.rule import Effect, Flaw, Rule

URL, REGISTERS = "schema.registry.url", "auto.register.schemas"


def _registers_by_itself(told: Configuration) -> Iterator[Flaw]:
    if told.given(URL) and told.is_true(REGISTERS):
        yield Flaw((REGISTERS,), "a misspelled field becomes a version of the subject, and readers meet it")


def _mocked(told: Configuration) -> Iterator[Flaw]:
    if told.text(URL).startswith("mock://"):
        yield Flaw((URL,), "a registry in the process takes any schema, and nobody else can read by it")


RULES = (
    Rule("registers-by-itself", Effect.UNREADABLE, _registers_by_itself, "auto_register_in_production"),
    Rule("mocked-registry", Effect.UNREADABLE, _mocked, "mock_registry_accepts_what_the_real_one_refuses"),
)
