"""Each rule finds what it is about, and lets the remedy pass."""

from pathlib import Path

import pytest

from producer.errors import ConfigError
from producer.governance.lint.dialect import Dialect
from producer.governance.lint.lint import lint
from producer.governance.lint.reading import configuration_from
from producer.governance.lint.rule import Finding
from producer.governance.lint.rules import RULES

JAVA = "bootstrap.servers=a:9092"
RDKAFKA = "metadata.broker.list=a:9092\nenable.idempotence=true"

CASES = {
    "acks-zero": ("acks=0", "acks=all"),
    "acks-one": ("acks=1", "acks=1\nmin.insync.replicas=2"),
    "acks-below-min-insync": ("acks=1\nmin.insync.replicas=2", "acks=-1\nmin.insync.replicas=2"),
    "min-insync-one": ("min.insync.replicas=1", "min.insync.replicas=2"),
    "unclean-election": ("unclean.leader.election.enable=true", "unclean.leader.election.enable=false"),
    "no-delivery-callback": (f"{RDKAFKA}\ngo.delivery.reports=false", f"{RDKAFKA}\ngo.delivery.reports=true"),
    "no-time-for-a-retry": (
        "request.timeout.ms=30000\ndelivery.timeout.ms=20000",
        "request.timeout.ms=3000\ndelivery.timeout.ms=20000",
    ),
    "max-block-zero": ("max.block.ms=0", "max.block.ms=1000"),
    "max-block-forever": ("max.block.ms=9223372036854775807", "max.block.ms=60000"),
    "delivery-forever": ("delivery.timeout.ms=2147483647", "delivery.timeout.ms=120000"),
    "retries-without-idempotence": ("enable.idempotence=false", "enable.idempotence=false\nretries=0"),
    "pipelined-without-idempotence": (
        "enable.idempotence=false",
        "enable.idempotence=false\nmax.in.flight.requests.per.connection=1",
    ),
    "no-retries": ("retries=0", "retries=1"),
    "idempotence-contradicted": ("enable.idempotence=true\nacks=1", "enable.idempotence=true\nacks=all"),
    "deposed-leader-believed": ("acklab.remember.leaders=false", "acklab.remember.leaders=true"),
    "transaction-too-short": (
        "transactional.id=job\ntransaction.timeout.ms=10000",
        "transactional.id=job\ntransaction.timeout.ms=60000",
    ),
    "transaction-too-long": (
        "transactional.id=job\ntransaction.timeout.ms=900001",
        "transactional.id=job\ntransaction.timeout.ms=900000",
    ),
    "buffer-below-batch": ("buffer.memory=1000", "buffer.memory=1000\nbatch.size=1000"),
    "batch-above-topic": ("max.message.bytes=10000", "max.message.bytes=1048576"),
    "batch-above-request": ("batch.size=2000000", "batch.size=1000000"),
    "compressed-alone": ("compression.type=zstd\nbatch.size=0", "compression.type=zstd"),
    "level-of-no-codec": ("compression.zstd.level=7", "compression.type=zstd\ncompression.zstd.level=7"),
    "keys-spread": (
        "partitioner.class=org.apache.kafka.clients.producer.RoundRobinPartitioner",
        "partitioner.class=consistent",
    ),
    "registers-by-itself": (
        "schema.registry.url=http://a:8081",
        "schema.registry.url=http://a:8081\nauto.register.schemas=false",
    ),
    "mocked-registry": (
        "schema.registry.url=mock://a\nauto.register.schemas=false",
        "schema.registry.url=http://a:8081\nauto.register.schemas=false",
    ),
    "secret-in-clear": ("sasl.password=planted", "sasl.password=${file:/etc/acklab.properties:password}"),
    "secret-on-the-wire": (
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN",
        "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN",
    ),
    "certificates-not-checked": (
        "security.protocol=SSL\nssl.endpoint.identification.algorithm=",
        "security.protocol=SSL\nssl.endpoint.identification.algorithm=https",
    ),
    "unknown-property": ("acs=all", "acks=all"),
    "unreadable-value": ("linger.ms=soon", "linger.ms=20"),
    "said-twice": ("acks=all\nrequest.required.acks=all", "acks=all"),
}
"""Rule -> what it finds, and what it does not."""


def found(text: str) -> list[Finding]:
    return lint(configuration_from(text))


def rules_of(text: str) -> set[str]:
    return {one.rule for one in found(text)}


def test_every_rule_has_its_cases() -> None:
    assert sorted(CASES) == sorted(rule.name for rule in RULES)


def test_the_page_lists_every_rule() -> None:
    page = (Path(__file__).parents[5] / "docs" / "governance.md").read_text(encoding="utf-8")

    for rule in RULES:
        assert f"| `{rule.name}` | {rule.effect} | " in page


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_finds_the_flaw_and_not_its_remedy(rule: str) -> None:
    flawed, remedied = CASES[rule]

    assert rule in rules_of(flawed)
    assert rule not in rules_of(remedied)


@pytest.mark.parametrize("rule", CASES)
def test_a_finding_names_property_value_and_reason(rule: str) -> None:
    one = next(one for one in found(CASES[rule][0]) if one.rule == rule)

    assert one.settings
    assert one.why
    name = one.settings[0].partition("=")[0]
    assert name in CASES[rule][0] or one.settings[0].endswith("(by default)")


@pytest.mark.parametrize("text", [JAVA, RDKAFKA, "acklab.profile=safe", "acklab.profile=strict_order"])
def test_what_is_safe_passes(text: str) -> None:
    assert found(text) == []


def test_defaults_of_librdkafka_are_its_own() -> None:
    assert rules_of("metadata.broker.list=a:9092") == {"retries-without-idempotence", "pipelined-without-idempotence"}
    assert rules_of("metadata.broker.list=a:9092\ntransactional.id=job") == set()


def test_librdkafka_ends_an_unanswered_request_by_its_socket_timeout() -> None:
    short = f"{RDKAFKA}\nmessage.timeout.ms=50000"

    assert rules_of(short) == {"no-time-for-a-retry"}
    assert rules_of(f"{short}\nsocket.timeout.ms=10000") == set()
    assert rules_of(f"{RDKAFKA}\nrequest.timeout.ms=900000") == set()


def test_a_message_timeout_of_0_is_for_ever_to_librdkafka_alone() -> None:
    assert rules_of(f"{RDKAFKA}\nmessage.timeout.ms=0") == {"delivery-forever"}
    assert "delivery-forever" not in rules_of("delivery.timeout.ms=0")


def test_what_switches_idempotence_off_without_a_word_is_named() -> None:
    one = next(one for one in found("acks=1") if one.rule == "retries-without-idempotence")

    assert one.settings[0] == "acks=1"
    assert "switches it off without a word" in one.why


def test_the_names_say_whose_they_are_and_may_be_overruled() -> None:
    assert configuration_from("queue.buffering.max.ms=5").dialect is Dialect.LIBRDKAFKA
    assert configuration_from("linger.ms=5").dialect is Dialect.JAVA
    assert configuration_from("linger.ms=5", dialect=Dialect.LIBRDKAFKA).dialect is Dialect.LIBRDKAFKA


def test_a_program_without_a_delivery_callback_says_so_in_json() -> None:
    producer = (
        '{"producer": {"metadata.broker.list": "a:1", "enable.idempotence": true}, "application": {"dr_msg_cb": %s}}'
    )

    assert rules_of(producer % "null") == {"no-delivery-callback"}
    assert rules_of(producer % '"on_delivery"') == set()


@pytest.mark.parametrize(
    "text",
    [
        "sasl.password=planted-secret",
        "sasl.pasword=planted-secret",
        'sasl.jaas.config=a.PlainLoginModule required username="u" password="planted-secret";',
        "ssl.key.password=planted-secret\nssl.keystore.password=planted-secret",
        "schema.registry.basic.auth.user.info=user:planted-secret",
        "schema.registry.url=http://user:planted-secret@a:8081",
        "metadata.broker.list=a:1\nsasl.oauthbearer.client.secret=planted-secret",
        "sasl.password=planted-secret\nsasl.password=planted-secret",
    ],
)
def test_a_secret_is_named_and_never_shown(text: str) -> None:
    findings = found(text)

    assert findings
    assert "planted-secret" not in repr(findings)


def test_a_jaas_password_that_is_looked_up_passes() -> None:
    assert rules_of('sasl.jaas.config=a.PlainLoginModule required username="u" password="${env:SECRET}";') == set()


def test_lines_are_those_of_the_file() -> None:
    text = "# a comment\n\nlinger.ms \\\n  = 5\nacks : 0\n"

    assert [(one.rule, one.line, one.settings) for one in found(text)] == [("acks-zero", 5, ("acks=0",))]


@pytest.mark.parametrize(
    "text, message",
    [
        ('{"acks": {"a": 1}}', "acks is a dict"),
        ('{"acks": 1, "acks": 0}', "acks is given twice"),
        ('{"acks": ', "no JSON"),
        ('{"producer": {}, "consumer": {}}', "'consumer' is none of the parts"),
        ("=5", "line 1: a value without a name"),
        ("acks=\\u00zz", r"line 1: \\u must have four hexadecimal digits"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_says_where(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        configuration_from(text)
