"""Every rule looks at a configuration; what they find, in their order."""

from __future__ import annotations

from producer.governance.lint.configuration import Configuration
from producer.governance.lint.rule import Finding
from producer.governance.lint.rules import RULES


def lint(configuration: Configuration) -> list[Finding]:
    """Find what loses, doubles or reorders records, what hangs, and what is not as it seems."""
    return [
        Finding(
            rule.name,
            rule.effect,
            tuple(configuration.said(name) for name in flaw.names),
            next((one.line for name in flaw.names if (one := configuration.given(name))), 0),
            flaw.why,
            rule.shown_by,
        )
        for rule in RULES
        for flaw in rule.looks(configuration)
    ]
