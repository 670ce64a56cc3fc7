"""Passwords and keys that lie in the file, or cross the network, for anybody to read. None is ever shown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from producer.governance.lint.configuration import Configuration, has_secret
from producer.governance.lint.dialect import Dialect
from producer.governance.lint.rule import Effect, Flaw, Rule

_ELSEWHERE = re.compile(r"\$\{[^}]+\}|\$[A-Z_][A-Z0-9_]*|%[A-Z_]+%|<[^>]+>|\{\{[^}]+\}\}")
"""What stands for a value that is looked up: `${file:…}` of config providers, `$PASSWORD`, `{{ password }}`."""
_JAAS_PASSWORD = re.compile(r"password\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s;\"']+))", re.IGNORECASE)


def _is_elsewhere(value: str) -> bool:
    return bool(_ELSEWHERE.fullmatch(value.strip()))


def _in_clear(told: Configuration) -> Iterator[Flaw]:
    for name in told.names:
        one = told.given(name)
        value = one.value if one else ""
        if not value.strip() or _is_elsewhere(value):
            continue
        if "jaas" in name:
            found = _JAAS_PASSWORD.search(value)
            if found is None or _is_elsewhere("".join(found.groups(""))):
                continue
        if has_secret(name, value):
            yield Flaw((name,), "it stands in the file for anybody who reads it, and in whatever keeps its versions")


def _on_the_wire(told: Configuration) -> Iterator[Flaw]:
    protocol, mechanism = told.text("security.protocol").upper(), told.text("sasl.mechanism").upper()
    if protocol == "SASL_PLAINTEXT" and mechanism in {"PLAIN", "OAUTHBEARER"}:
        yield Flaw(
            ("security.protocol", "sasl.mechanism"),
            "who listens on the network has the password, or the token, as it is sent",
        )


def _certificates_not_checked(told: Configuration) -> Iterator[Flaw]:
    if told.text("security.protocol").upper() not in {"SSL", "SASL_SSL"}:
        return
    checks, names = "enable.ssl.certificate.verification", "ssl.endpoint.identification.algorithm"
    if told.given(checks) and not told.is_true(checks):
        yield Flaw(
            (checks,), "anybody between here and the brokers may answer in their place, and is told the password"
        )
    elif told.given(names) and told.text(names).lower() in (
        {"", "none"} if told.dialect is Dialect.LIBRDKAFKA else {""}
    ):
        yield Flaw((names,), "any host with a certificate of the same authority may answer in a broker's place")


RULES = (
    Rule("secret-in-clear", Effect.EXPOSES, _in_clear, None),
    Rule("secret-on-the-wire", Effect.EXPOSES, _on_the_wire, None),
    Rule("certificates-not-checked", Effect.EXPOSES, _certificates_not_checked, None),
)
