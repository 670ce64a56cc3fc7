"""Every producer property of Kafka 4.0 to 4.4: here with its type, default and range, or refused with a reason.

`kafka_4_properties.tsv` is what `ProducerConfig.configDef()` of kafka-clients 4.0.0, 4.1.0, 4.2.0, 4.3.1 and 4.4.0 said;
`kafka_4_4_0_answers.jsonl` whether 4.4.0 made a KafkaProducer of these properties, and what became of three of them.
`tests/interop/test_configuration.py` asks the jar of Apache Kafka again.
"""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pydantic import ValidationError

from producer.config.config import PROPERTIES, ProducerConfig, canonical_name
from producer.config.property_types import INT_MAX, LONG_MAX
from producer.config.without_effect import HARMLESS, REFUSED
from producer.errors import ConfigError

HERE = Path(__file__).parent
SERVER = {"bootstrap.servers": "127.0.0.1:9092"}


class Property(NamedTuple):
    name: str
    since: str
    type: str
    default: str
    valid: str


KAFKA = [Property(*line.split("\t")) for line in (HERE / "kafka_4_properties.tsv").read_text().splitlines()]
TAKEN = [one for one in KAFKA if one.name in PROPERTIES]
NOT_TAKEN = [one for one in KAFKA if one.name not in PROPERTIES]
ANSWERS = [json.loads(line) for line in (HERE / "kafka_4_4_0_answers.jsonl").read_text().splitlines()]

OTHER_DEFAULTS = {
    "ssl.keystore.type": "PEM",  # JKS belongs to Java
    "ssl.truststore.type": "PEM",
    "sasl.mechanism": "null",  # GSSAPI is not here: one must be named
}
HIGHER_LEAST = {
    "metrics.sample.window.ms": 1,  # Kafka takes 0 and divides by it
    "socket.connection.setup.timeout.ms": 0,  # below zero no connection could come up
    "socket.connection.setup.timeout.max.ms": 0,
}
TYPE_LIMITS = {"INT": (-INT_MAX - 1, INT_MAX), "LONG": (-LONG_MAX - 1, LONG_MAX), "SHORT": (-(1 << 15), (1 << 15) - 1)}
NUMBERS = [one for one in TAKEN if one.type in TYPE_LIMITS or one.type == "DOUBLE"]

OTHERWISE_HERE = {
    ("acks", 1): "numbers are other clients' habit",
    ("metrics.sample.window.ms", "0"): "Kafka divides by it",
    ("socket.connection.setup.timeout.ms", "-1"): "no connection could come up",
    ("socket.connection.setup.timeout.max.ms", "-1"): "no connection could come up",
    ("bootstrap.servers", ":9092"): "Java takes no host for this one",
    ("bootstrap.servers", "127.0.0.1:0"): "nothing listens there",
    ("key.serializer", "bytes"): "no Java class need be named",
    ("metric.reporters", "org.apache.kafka.common.metrics.JmxReporter"): "nothing is pushed",
    ("config.providers", "file"): "nothing is looked up",
    ("enable.metrics.push", "true"): "not built",
    ("metadata.cluster.check.enable", "true"): "takes ApiVersions 5",
    ("bootstrap.resolve.timeout.ms", "1000"): "names are resolved for each connection",
    ("buffer.memory.allocation.strategy", "incremental"): "not built",
    ("transaction.two.phase.commit.enable", "true"): "without a transactional.id it would be silent",
    ("ssl.truststore.type", "JKS"): "belongs to Java",
    ("ssl.enabled.protocols", "TLSv1.1"): "not spoken any more (RFC 8996)",
    ("ssl.enabled.protocols", ""): "nothing is left to speak",
    ("ssl.endpoint.identification.algorithm", "ldaps"): "no LDAP",
    ("ssl.truststore.location", "/x"): "no effect in plain text",
    ("no.such.key", "1"): "unknown",
}
"""The last property of an answer of Kafka's -> why this client's is another one."""


def takes(name: str, value: Any) -> bool:
    """Whether type and range let the value pass; how it goes with others is not asked."""
    try:
        ProducerConfig.model_validate(SERVER | {name: value})
    except ValidationError:
        return False
    return True


def as_text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(value) or '""'
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value) or '""'


def limits(one: Property) -> tuple[float, float]:
    least: Any
    most: Any
    least, most = TYPE_LIMITS.get(one.type, (None, None))
    found = re.match(r"\[([\d.-]+),\.\.\.(?:,([\d.]+))?\]", one.valid)
    if found is not None:
        least, most = found[1], found[2] or most
    return float(HIGHER_LEAST.get(one.name, least)), float(most)


# -- the whole list ----------------------------------------------------------------------------------------------------


def test_the_list_is_whole() -> None:
    assert len(KAFKA) == 120
    assert len([one for one in KAFKA if one.since == "4.0"]) == 95
    assert len(TAKEN) > 50


@pytest.mark.parametrize("one", TAKEN, ids=lambda one: one.name)
def test_a_property_that_is_here_has_kafka_s_default_and_says_what_it_means(one: Property) -> None:
    field = ProducerConfig.model_fields[PROPERTIES[one.name]]

    if one.name in {"key.serializer", "value.serializer"}:
        assert field.default is None  # bytes need none, which Kafka wants to hear
    elif one.default == "REQUIRED":
        assert field.is_required()
    else:
        assert as_text(field.default) == OTHER_DEFAULTS.get(one.name, one.default)
    assert field.description, "no meaning"


@pytest.mark.parametrize("one", NOT_TAKEN, ids=lambda one: one.name)
def test_a_property_that_is_not_here_is_refused_with_a_reason(one: Property) -> None:
    with pytest.raises(ConfigError, match=rf"{re.escape(one.name)} (has no effect|is '.*', can only be .*) here: \w.+"):
        ProducerConfig.from_properties(SERVER | {one.name: "something else"})


@pytest.mark.parametrize("name", HARMLESS)
def test_a_value_that_says_what_happens_anyway_is_taken_and_changes_nothing(name: str) -> None:
    for value in HARMLESS[name]:
        assert ProducerConfig.from_properties(SERVER | {name: value}) == ProducerConfig.from_properties(SERVER)


def test_harmless_values_are_of_refused_properties() -> None:
    assert set(HARMLESS) <= set(REFUSED)
    assert set(PROPERTIES).isdisjoint(REFUSED)


def test_every_property_of_ours_is_marked_as_such() -> None:
    ours = set(PROPERTIES) - {one.name for one in KAFKA}

    for name in sorted(ours):
        assert re.search("Ours, not Kafka's|Not the Java client's|Confluent's: ", _meaning(name)), name


def _meaning(name: str) -> str:
    return ProducerConfig.model_fields[PROPERTIES[name]].description or ""


# -- types and ranges --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", NUMBERS, ids=lambda one: one.name)
def test_numbers_reach_as_far_as_kafka_s(one: Property) -> None:
    least, most = limits(one)
    step = 0.01 if one.type == "DOUBLE" else 1
    as_number = float if one.type == "DOUBLE" else int

    assert takes(one.name, as_number(least))
    assert not takes(one.name, str(as_number(least) - step))
    if one.type == "LONG":
        assert takes(one.name, LONG_MAX)
        assert not takes(one.name, LONG_MAX + 1)
    else:
        assert takes(one.name, str(as_number(most)))
        assert not takes(one.name, as_number(most) + step)


@pytest.mark.parametrize("one", NUMBERS, ids=lambda one: one.name)
def test_numbers_may_be_text_but_nothing_else(one: Property) -> None:
    default = ProducerConfig.model_fields[PROPERTIES[one.name]].default

    assert takes(one.name, f" {default} ")
    for value in (None, True, "", "soon", "0x10", [default]):
        assert not takes(one.name, value)
    if one.type != "DOUBLE":
        assert not takes(one.name, f"{default}.0")
        assert not takes(one.name, float(default))


@pytest.mark.parametrize("one", [one for one in TAKEN if one.type == "BOOLEAN"], ids=lambda one: one.name)
def test_booleans_are_true_and_false_in_any_case(one: Property) -> None:
    assert all(takes(one.name, value) for value in (True, False, " TRUE ", "false", "False"))
    assert not any(takes(one.name, value) for value in (1, 0, "1", "yes", "on", "", None))


@pytest.mark.parametrize(
    "one", [one for one in TAKEN if one.type == "STRING" and "[" in one.valid], ids=lambda one: one.name
)
def test_words_are_those_of_kafka_in_its_case(one: Property) -> None:
    case_matters = not one.valid.startswith("(case insensitive)")
    words = re.findall(r"[\w-]+", one.valid.removeprefix("(case insensitive)"))

    for word in words:
        assert takes(one.name, f" {word} ")
        if word.swapcase() != word:
            assert takes(one.name, word.swapcase()) != case_matters
    assert not takes(one.name, "something else")


# -- together ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: json.dumps(answer["given"]))
def test_properties_together_are_taken_or_refused_as_kafka_does_and_come_to_the_same(answer: dict[str, Any]) -> None:
    given = answer["given"]
    *_, (name, value) = given.items() or [("", "")]
    is_taken = answer["taken"] if isinstance(value, list) else answer["taken"] != ((name, value) in OTHERWISE_HERE)

    try:
        made = ProducerConfig.from_properties(SERVER | given)
    except ConfigError:
        assert not is_taken
        return
    assert is_taken
    if answer["taken"]:
        assert made.enable_idempotence == answer["enable.idempotence"]
        assert made.reconnect_backoff_max_ms == answer["reconnect.backoff.max.ms"]
        assert made.delivery_timeout_ms == answer["delivery.timeout.ms"]


def test_each_exception_is_one() -> None:
    asked = {item for answer in ANSWERS for item in list(answer["given"].items())[-1:] if not isinstance(item[1], list)}

    assert set(OTHERWISE_HERE) <= asked


def test_a_name_is_known_by_the_spellings_of_other_clients() -> None:
    for one in TAKEN:
        assert canonical_name(one.name.replace(".", "_")) == one.name
