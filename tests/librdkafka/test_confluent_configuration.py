"""Every property of librdkafka, rightly and wrongly set: confluent-kafka is asked, and our façade of it says the same."""

import gc
from collections.abc import Iterator
from typing import Any

import confluent_kafka
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import producer.facades.confluent as facade
from producer.facades.confluent.meanings import REFUSED
from producer.facades.confluent.properties import (
    ALIASES,
    BOOLEANS,
    FLAGS,
    FLOATS,
    INTEGERS,
    INTERNAL,
    NOT_TEXT,
    OF_A_TOPIC,
    TEXTS,
    WORDS,
)

QUIET = {"log_level": 0}
NUMBERS = {**INTEGERS, **FLOATS}
NAMES = sorted(
    {*NUMBERS, *BOOLEANS, *WORDS, *FLAGS, *TEXTS, *ALIASES, *NOT_TEXT, *INTERNAL, "ssl.ca.certificate.stores"}
)
ASIDE = {*REFUSED, "internal.termination.signal"}
"""What the façade refuses, as docs/producer.md says; a signal that would strike us."""


@pytest.fixture(autouse=True, scope="module")
def _originals_are_freed() -> Iterator[None]:
    yield
    gc.collect()


def outcome(kafka: Any, *positional: Any, **named: Any) -> Any:
    """What becomes of a configuration: the error's class, code and text; None if a producer is made."""
    try:
        producer = kafka.Producer(*positional, **named)
    except kafka.KafkaException as error:
        return error.args[0].code(), error.args[0].str()
    except Exception as error:  # noqa: BLE001 - what is compared
        return type(error), str(error)
    producer.close()
    return None


def are_alike(*positional: Any, **named: Any) -> None:
    theirs = outcome(confluent_kafka, *positional, **named)
    ours = outcome(facade, *positional, **named)

    if theirs is None and ours is not None:
        # As docs/producer.md says: it cannot be obeyed here, and is not left out in silence.
        assert ours[0] == facade.KafkaError._INVALID_ARG
        assert "cannot be obeyed here" in ours[1] or "which brokers refuse" in ours[1]
    else:
        assert ours == theirs


# -- one property ------------------------------------------------------------------------------------------------------


class Mute:
    def __str__(self) -> str:
        raise ValueError("planted")


WRONG: list[Any] = [
    None,
    "",
    "abc",
    " ",
    "\0",
    [],
    {},
    b"1",
    print,
    Mute(),
    float("nan"),
    "5,",
    "-",
    "+",
    "0x",
    "ß" * 200,
]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ASIDE])
def test_a_property_takes_what_it_takes_in_librdkafka(name: str) -> None:
    least, most = NUMBERS.get(ALIASES.get(name, name), (0, 1))
    edges = [least - 1, most + 1] if name in NUMBERS or ALIASES.get(name) in NUMBERS else [True, "T", "yes"]

    for value in (*WRONG, *edges):
        are_alike(QUIET | {name: value})


@pytest.mark.parametrize("name", sorted(OF_A_TOPIC - ASIDE | {"linger.ms", "nope"}))
def test_a_topic_s_property_may_be_written_with_topic_before_it(name: str) -> None:
    for value in (None, "abc", 1):
        are_alike(QUIET | {f"topic.{name}": value})


@pytest.mark.parametrize(
    "name", ["nope", "linger_ms", "", "LINGER.MS", " linger.ms", 5, None, b"acks", Mute(), "acks\0", "ä", "ssl_key"]
)
def test_what_is_no_property_is_named(name: Any) -> None:
    are_alike({name: 1})


@pytest.mark.parametrize("value", ["LZ4", "lz4", " zstd", "GZip", "lz4 ", "snappy,lz4", "inherit", 5])
def test_a_codec_is_named_in_any_case(value: Any) -> None:
    for name in ("compression.type", "compression.codec"):
        are_alike(QUIET | {name: value})
    if outcome(confluent_kafka, QUIET | {"compression.type": value}) is None:
        producer = facade.Producer({"compression.type": value})
        assert producer._producer.config.compression_type == str(value).strip().lower()
        producer.close()


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("5", 5),
        ("5.9", 5),
        ("10abc", 10),
        (" 7", 7),
        ("0x10", 16),
        ("010", 8),
        ("4294967301", 5),
        ("1e3", 1),
        ("+5", 5),
        (5.7, 5),
    ],
)
def test_of_a_text_a_number_is_what_c_reads(text: Any, means: int) -> None:
    are_alike(QUIET | {"retries": text, "linger.ms": 0})
    producer = facade.Producer({"retries": text})

    assert producer._producer.config.retries == means
    producer.close()


@pytest.mark.parametrize(
    ("text", "ms"), [("0.2", 1), ("5.0", 5), ("1e2", 100), ("0x10", 16), (" .5x", 1), ("nan", 0), (3.5, 4)]
)
def test_linger_is_a_number_with_a_point(text: Any, ms: int) -> None:
    are_alike(QUIET | {"linger.ms": text})
    producer = facade.Producer({"linger.ms": text})

    assert producer._producer.config.linger_ms == ms
    producer.close()


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=8),
    st.text("0123456789.-+xXeEabcdefinty \t\n\0", max_size=8),
    st.sampled_from([word for words in (*WORDS.values(), *FLAGS.values()) for word in words]),
    st.sampled_from(["true", "FALSE", "t", "all", "ALL", "murmur2", "PLAIN", "none,all", "+all", "-all"]),
    st.binary(max_size=3),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([name for name in NAMES if name not in ASIDE]), VALUES, min_size=1, max_size=3))
@example({"acks": 1, "enable.idempotence": "t"})
@example({"linger.ms": 900_000, "message.timeout.ms": 900_000})
def test_drawn_configurations_end_alike(drawn: dict[str, Any]) -> None:
    are_alike(QUIET | drawn)


@pytest.mark.parametrize("name", ["client.id", "linger.ms", "retries", "acks", "compression.type"])
def test_half_a_character_is_refused(name: str) -> None:
    """confluent-kafka raises a SystemError there, or takes it for no text at all."""
    code, says = outcome(facade, {name: "\udcff"})

    assert code == facade.KafkaError._INVALID_ARG
    assert says == f"{name} cannot be written as UTF-8: surrogates not allowed"
    assert outcome(facade, {"\udcff": 1}) == (
        code,
        "a property's name cannot be written as UTF-8: surrogates not allowed",
    )


# -- a consumer's, which a producer is asked for as well ---------------------------------------------------------------

ASSIGNORS = st.lists(
    st.sampled_from(
        ["range", "roundrobin", "cooperative-sticky", "sticky", "RANGE", "", " ", ",", "\t", " range", "range "]
    )
).map(",".join)


@pytest.mark.parametrize(
    "strategy",
    [
        "range", "roundrobin", "cooperative-sticky", "sticky", "RANGE", "nope", "range,nope", "nope,range",
        "range,cooperative-sticky", "cooperative-sticky,range,nope", "range,range", " range ", "range, ", "range,", ",", " ",
        " , range", "range,\troundrobin", None, "",
    ],
)  # fmt: skip
def test_a_strategy_of_consumers_must_be_one_that_librdkafka_has(strategy: Any) -> None:
    for protocol_type in ("consumer", "consumer ", "Consumer", "x", " ", None):
        are_alike(QUIET | {"partition.assignment.strategy": strategy, "group.protocol.type": protocol_type})
    are_alike(QUIET | {"partition.assignment.strategy": strategy, "group.protocol": "consumer"})


@settings(max_examples=100, deadline=None)
@given(ASSIGNORS, st.sampled_from(["consumer", "x"]))
def test_drawn_strategies_end_alike(strategy: str, protocol_type: str) -> None:
    are_alike(QUIET | {"partition.assignment.strategy": strategy, "group.protocol.type": protocol_type})


@pytest.mark.parametrize(
    "patterns",
    [
        "orders", "^orders", "^a,b$", "[", "^[", "a[b", "(", "^(", "\\(", "(a", "a)", "*", "^*", "a**", "+", "?", "{}", "a{2", "a{2,1}",
        "a{99999}", "a\\", "[[:nope:]]", "[[:alpha:]]", "[z-a]", "()", "|a", "a||b", "a,[b", " [", ", [", "[,", "a,,[", "ß[", "[" + "x" * 300,
    ],
)  # fmt: skip
def test_a_pattern_of_topics_must_be_one_that_the_c_library_reads(patterns: str) -> None:
    are_alike(QUIET | {"topic.blacklist": patterns})


@settings(max_examples=200, deadline=None)
@given(st.text("ab^$[]()*+?{}|\\,.1:- ß", max_size=10))
def test_drawn_patterns_end_alike(patterns: str) -> None:
    are_alike(QUIET | {"topic.blacklist": patterns})


@pytest.mark.parametrize("name", ["auto.commit.interval.ms", "enable.auto.commit"])
def test_how_consumers_commit_is_read_as_there(name: str) -> None:
    for value in ("true", "False", "t", 0, 1, -1, 86_400_000, 86_400_001, "5 s", " true", "", None, "0x10", 2.5):
        are_alike(QUIET | {name: value})
        are_alike(QUIET | {f"topic.{name}": value})


@pytest.mark.parametrize(
    "name",
    ["auto.commit.interval.ms", "compression.codec", "compression.type", "enable.auto.commit", "offset.store.method"],
)
def test_a_property_may_be_another_one_with_topic_before_it(name: str) -> None:
    for value in ("none", "inherit", "file", "broker", "lz4", "LZ4", "true", -1, 0, 9, 10, 86_400_001, " ", None):
        for full_name in (name, f"topic.{name}"):
            are_alike(QUIET | {full_name: value})
            # Nothing of a topic's is checked unless something of a topic's was given.
            are_alike(QUIET | {full_name: value, "linger.ms": 400_000})


@pytest.mark.parametrize("codec", ["gzip", "inherit"])
def test_the_codec_of_topics_wins(codec: str) -> None:
    for properties in (
        {"topic.compression.type": codec, "compression.type": "lz4"},
        {"compression.type": "lz4", "default.topic.config": {"topic.compression.codec": codec}},
    ):
        are_alike(QUIET | properties)
        producer = facade.Producer(properties)

        assert producer._producer.config.compression_type == ("gzip" if codec == "gzip" else "lz4")
        producer.close()


# -- several -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given_together",
    [
        {"enable.idempotence": True, "acks": 1},
        {"enable.idempotence": True, "acks": "all", "retries": 0},
        {"enable.idempotence": True, "max.in.flight": 6},
        {"enable.idempotence": True, "max.in.flight": 5},
        {"enable.idempotence": True, "queuing.strategy": "lifo"},
        {"enable.idempotence": True, "queue.buffering.backpressure.threshold": 2},
        {"enable.idempotence": True, "acks": 0, "max.in.flight": 9},
        {"enable.idempotence": False, "acks": 1, "retries": 0, "max.in.flight": 9},
        {"enable.gapless.guarantee": True},
        {"enable.gapless.guarantee": True, "enable.idempotence": True},
        {"reconnect.backoff.ms": 5, "reconnect.backoff.max.ms": 4},
        {"reconnect.backoff.ms": 20_000},
        {"reconnect.backoff.max.ms": 99},
        {"linger.ms": 100, "message.timeout.ms": 100},
        {"linger.ms": 400_000},
        {"linger.ms": 400_000, "acks": 1},
        {"linger.ms": 400_000, "message.timeout.ms": 0},
        {"message.timeout.ms": 4},
        {"transactional.id": "x", "enable.idempotence": False},
        {"transactional.id": "x"},
        {"transactional.id": ""},
        {"transactional.id": "x", "acks": 1},
        {"transactional.id": "x", "retries": 0},
        {"transactional.id": "x", "max.in.flight": 6},
        {"transactional.id": "x", "queuing.strategy": "lifo"},
        {"transactional.id": "x", "message.timeout.ms": 60_001},
        {"transactional.id": "x", "message.timeout.ms": 60_000},
        {"transactional.id": "x", "message.timeout.ms": 0},
        {"transactional.id": "x", "message.timeout.ms": 70_000, "transaction.timeout.ms": 70_000},
        {"transactional.id": "x", "transaction.timeout.ms": 5_000, "socket.timeout.ms": 6_000},
        {"transactional.id": "x", "transaction.timeout.ms": 5_000, "socket.timeout.ms": 5_100},
        {"transactional.id": "x", "transaction.timeout.ms": 5_000, "socket.timeout.ms": 6_000, "acks": 1},
        {"transactional.id": "x", "message.timeout.ms": 70_000, "acks": 1},
        {"transactional.id": "x", "message.timeout.ms": 70_000, "linger.ms": 80_000},
        {"transactional.id": "x", "message.timeout.ms": 60_000, "linger.ms": 60_000},
        {"transaction.timeout.ms": 999},
        {"transaction.timeout.ms": 1_000},
        {"group.protocol.type": "x", "acks": 1, "enable.idempotence": True},
        {"group.protocol.type": "x", "linger.ms": 400_000, "acks": 1},
        {"group.protocol.type": "x", "ssl.keystore.location": "nowhere.p12"},
        {"group.protocol.type": "x", "security.protocol": "ssl", "ssl.key.location": "nowhere.pem"},
        {"group.protocol.type": "x", "security.protocol": "sasl_plaintext", "sasl.mechanism": "NOPE"},
        {"group.protocol.type": "x", "https.ca.location": "nowhere"},
        {"https.ca.location": "nowhere", "https.ca.pem": "junk"},
        {"https.ca.location": "nowhere", "ssl.keystore.location": "nowhere.p12"},
        {"https.ca.location": "nowhere", "enable.idempotence": True, "retries": 0},
        {"https.ca.location": "probe", "acks": "many"},
        {"https.ca.location": "/"},
        {"https.ca.location": "PROBE"},
        {"https.ca.location": ""},
        {"security.protocol": "sasl_ssl", "sasl.mechanism": "NOPE", "ssl.key.location": "nowhere.pem"},
        {"sasl.username": "x", "ssl.key.location": "nowhere.pem", "ssl.ca.pem": "junk"},
        {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN,SCRAM-SHA-256"},
        {"ssl.keystore.location": "nowhere.p12"},
        {"ssl.truststore.location": "nowhere.jks", "acks": "many"},
        {"acks": "many", "linger.ms": "abc"},
        {"linger.ms": "abc", "acks": "many"},
        {"linger.ms": 1, "queue.buffering.max.ms": "abc"},
        {"default.topic.config": {"acks": "many"}},
        {"default.topic.config": None},
        {"default.topic.config": [("acks", 1)]},
        {"group.id": "g", "auto.offset.reset": "earliest", "fetch.min.bytes": 1},
        {"error_cb": print, "stats_cb": print, "throttle_cb": print, "logger": 5},
        {"error_cb": None},
        {"stats_cb": 5},
        {"throttle_cb": 5},
        {"oauth_cb": 5},
        {"on_delivery": None},
        {"log_cb": print},
        {"delivery.report.only.error": 1},
        {"delivery.report.only.error": True},
        {"batch.size": 2**31 - 1, "queue.buffering.max.kbytes": 1},
        {"message.max.bytes": 1_000, "batch.size": 1},
        {"connections.max.idle.ms": 0, "socket.send.buffer.bytes": 0},
        {"compression.type": "gzip", "compression.level": 12},
        {"compression.type": "gzip", "compression.level": 0},
        {"compression.type": "lz4", "compression.level": 0},
        {"compression.type": "zstd", "compression.level": 0},
        {"debug": None},
        {"acks": "many", "debug": "nope"},
    ],
    ids=str,
)
def test_properties_contradict_each_other_as_in_librdkafka(given_together: dict[str, Any]) -> None:
    theirs, ours = (outcome(kafka, QUIET | given_together) for kafka in (confluent_kafka, facade))

    if "ssl.truststore.location" in given_together:
        # Java's property is refused in words of ours.
        theirs, ours = theirs[0], ours[0]
    assert ours == theirs


def test_a_configuration_is_one_dict_and_keywords_win() -> None:
    several: tuple[Any, ...] = ((5,), (None,), ([],), ({}, {}), ("acks",))
    for positional in several:
        are_alike(*positional)
    are_alike()
    are_alike(QUIET | {"linger.ms": 1}, **{"linger.ms": "abc"})
    are_alike(**QUIET, **{"linger.ms": "5"})
    are_alike(config={})


@pytest.mark.parametrize(
    "properties",
    [
        {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN"},
        {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "NOPE"},
        {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "SCRAM-SHA-256", "sasl.username": "u"},
        {"security.protocol": "SASL_PLAINTEXT"},
        {"security.protocol": "ssl", "ssl.ca.location": "/nowhere"},
        {"security.protocol": "ssl", "ssl.ca.pem": "junk"},
        {"security.protocol": "ssl", "ssl.key.location": "/nowhere"},
        {"security.protocol": "ssl", "ssl.cipher.suites": "NOPE"},
    ],
    ids=str,
)
def test_what_no_broker_could_trust_is_refused_with_the_same_code(properties: dict[str, str]) -> None:
    """The words are OpenSSL's there, and name the property here."""
    theirs, ours = (outcome(kafka, QUIET | properties) for kafka in (confluent_kafka, facade))

    assert ours[0] == theirs[0]
    assert ours[1].startswith("Failed to create producer: ")


@pytest.mark.parametrize(
    "properties",
    [
        {"plugin.library.paths": "x"},
        {"test.mock.num.brokers": 3},
        {"acks": 2},
        {"security.protocol": "SSL", "enable.ssl.certificate.verification": False},
        {"security.protocol": "SSL", "ssl.crl.location": "x"},
    ],
)
def test_what_cannot_be_obeyed_is_refused_with_its_reason(properties: dict[str, Any]) -> None:
    code, says = outcome(facade, properties)

    assert code == facade.KafkaError._INVALID_ARG
    assert next(iter(reversed(properties))) in says
