"""Blanks around what a façade is given: it keeps those that the original keeps, up to what a broker is told."""

import shutil
from pathlib import Path
from typing import Any

import confluent_kafka
import kafka
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import producer.facades.confluent as our_confluent
import producer.facades.kafka_python as our_kafka_python
from producer import Producer
from producer.errors import ConfigError
from tests.librdkafka.asking_broker import AskingBroker, Told
from tests.unit.producer.drivers.one_broker import TOPIC

CERTIFICATES = Path(__file__).parents[1] / "certificates"
WAIT_S = 60

TABLED = [
    " x ",
    "x ",
    "\tx\t",
    "\n\v\f\rx\n",
    "x\u00a0",
    "\u2003x\u2003",
    "\x1cx\x1c",
    "x\x85",
    "\x01x\x01",
    "ä ",
    "x  y ",
    "x",
]
DRAWN = st.text("x \t\n\v\f\r\x1c\x01\x85\u00a0\u2003ä", min_size=1, max_size=5)


def login(username: str, password: str) -> dict[str, str]:
    return {
        "client.id": "me",
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.username": username,
        "sasl.password": password,
    }


def told_by_confluent(confluent: Any, properties: dict[str, Any]) -> Told:
    with AskingBroker() as broker:
        producer = confluent.Producer({"bootstrap.servers": broker.address, "log_level": 0} | properties)
        producer.list_topics(TOPIC, WAIT_S)
        producer.close()
        return broker.told()


def told_by_kafka_python(module: Any, properties: dict[str, Any]) -> Told:
    names = {"sasl.username": "sasl_plain_username", "sasl.password": "sasl_plain_password"}
    arguments = {names.get(name, name.replace(".", "_")): value for name, value in properties.items()}
    with AskingBroker() as broker:
        producer = module.KafkaProducer(bootstrap_servers=broker.address, **arguments)
        producer.partitions_for(TOPIC)
        producer.close()
        return broker.told()


def check_confluent(properties: dict[str, Any]) -> None:
    assert told_by_confluent(our_confluent, properties) == told_by_confluent(confluent_kafka, properties)


def check_kafka_python(properties: dict[str, Any]) -> None:
    assert told_by_kafka_python(our_kafka_python, properties) == told_by_kafka_python(kafka, properties)


# -- what a broker is told ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [*TABLED, " ", "", None, " \0", 5])
def test_a_broker_is_told_the_client_id_that_librdkafka_tells(text: Any) -> None:
    check_confluent({"client.id": text})


@pytest.mark.parametrize("text", [*TABLED, " ", ""])
def test_a_broker_is_told_the_client_id_that_kafka_python_tells(text: str) -> None:
    check_kafka_python({"client.id": text})


@pytest.mark.parametrize("text", TABLED)
def test_a_broker_is_told_name_and_password_with_the_originals_blanks(text: str) -> None:
    check_confluent(login(text, "p"))
    check_confluent(login("u", text))
    check_kafka_python(login(text, "p"))
    check_kafka_python(login("u", text))


@settings(max_examples=15, deadline=None)
@given(DRAWN, DRAWN.filter(str.strip), DRAWN)
@example(" ", "u ", " ")
def test_drawn_texts_reach_a_broker_as_the_originals_do(client_id: str, username: str, password: str) -> None:
    check_confluent(login(username, password) | {"client.id": client_id})
    check_kafka_python(login(username, password) | {"client.id": client_id})


# -- what stays here ---------------------------------------------------------------------------------------------------


def is_made_by_confluent(confluent: Any, properties: dict[str, Any]) -> bool:
    try:
        confluent.Producer({"log_level": 0, "security.protocol": "ssl"} | properties).close()
    except confluent.KafkaException:
        return False
    return True


@pytest.mark.parametrize("blanks", ["", " ", "\t", "\n", "\u2003"])
def test_a_file_and_a_key_s_password_end_in_the_blanks_that_librdkafka_keeps(blanks: str, tmp_path: Path) -> None:
    for name in ("ca.pem", "client-encrypted.pem"):
        shutil.copy(CERTIFICATES / name, tmp_path / f"{name} ")
    authority, mine = str(tmp_path / "ca.pem"), str(tmp_path / "client-encrypted.pem ")
    for properties in (
        {"ssl.ca.location": authority + blanks},
        {"ssl.certificate.location": mine, "ssl.key.location": mine, "ssl.key.password": "open-sesame" + blanks},
        {"ssl.certificate.location": mine, "ssl.key.location": mine, "ssl.key.password": blanks + "open-sesame"},
    ):
        assert is_made_by_confluent(our_confluent, properties) == is_made_by_confluent(confluent_kafka, properties)


@pytest.mark.parametrize(
    "mechanism", ["PLAIN", "plain", "PLAIN\t", "\tPLAIN", "PLAIN\u2003", "Scram-Sha-256", "NOPE", "GSSAPI\t"]
)
def test_a_mechanism_is_named_exactly_as_librdkafka_names_it(mechanism: str) -> None:
    outcomes = []
    for confluent in (our_confluent, confluent_kafka):
        try:
            confluent.Producer(login("u", "p") | {"sasl.mechanism": mechanism, "log_level": 0}).close()
        except confluent.KafkaException as error:
            outcomes.append(error.args[0].str())
        else:
            outcomes.append(None)

    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("blanks", ["", " ", "\t"])
def test_a_file_and_a_key_s_password_end_in_the_blanks_that_python_s_ssl_is_given(blanks: str, tmp_path: Path) -> None:
    """As kafka-python gives them to it, once it connects."""
    shutil.copy(CERTIFICATES / "ca.pem", tmp_path / "ca.pem ")
    mine = str(CERTIFICATES / "client-encrypted.pem")

    for properties, is_right in (
        ({"ssl_cafile": str(tmp_path / "ca.pem") + blanks}, blanks == " "),
        ({"ssl_certfile": mine, "ssl_keyfile": mine, "ssl_password": "open-sesame" + blanks}, blanks == ""),
    ):
        try:
            our_kafka_python.KafkaProducer(security_protocol="SSL", **properties).close()
        except our_kafka_python.KafkaConfigurationError:
            assert not is_right
        else:
            assert is_right


@pytest.mark.parametrize(
    "argument",
    [{"security_protocol": "PLAINTEXT "}, {"client_dns_lookup": "use_all_dns_ips "}, {"acks": "all "}, {"acks": " 1"}],
    ids=str,
)
def test_what_kafka_python_does_not_know_with_a_blank_is_refused(argument: dict[str, str]) -> None:
    with pytest.raises(our_kafka_python.KafkaConfigurationError):
        our_kafka_python.KafkaProducer(**argument)


# -- and natively ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "means"),
    [
        (" x ", "x"), ("\x01x\x1c", "x"), ("\0x", "x"), ("\u2003x\u2003", "\u2003x\u2003"), ("x\u00a0", "x\u00a0"), ("x\x85", "x\x85"),
    ],
)  # fmt: skip
def test_natively_java_s_blanks_are_left_out_and_no_others(text: str, means: str) -> None:
    with Producer({"bootstrap.servers": "127.0.0.1:1", "client.id": text}) as producer:
        assert producer.config.client_id == means


@pytest.mark.parametrize("text", ["", " ", "\x01"])
def test_natively_a_blank_client_id_is_none(text: str) -> None:
    with Producer({"bootstrap.servers": "127.0.0.1:1", "client.id": text}) as producer:
        assert producer.config.client_id.startswith("producer-")


def test_natively_a_number_has_java_s_blanks_around_it_and_no_others() -> None:
    with Producer({"bootstrap.servers": "127.0.0.1:1", "retries": "\x01 5\x1c"}) as producer:
        assert producer.config.retries == 5
    with pytest.raises(ConfigError, match="must be a whole number"):
        Producer({"bootstrap.servers": "127.0.0.1:1", "retries": "5\u2003"})
