"""`sasl.jaas.config` is read as Kafka's own client reads it, or refused; never is a password another one than Java's.

`kafka_4_3_1_logins.jsonl` is what `JaasContext.loadClientContext` of kafka-clients 4.3.1 made of each text: name and password,
or nothing where it raised.
"""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.config.jaas import Credentials, parse_jaas
from producer.errors import ConfigError

PLAIN_MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule"
SCRAM_MODULE = "org.apache.kafka.common.security.scram.ScramLoginModule"
JAAS = f'{PLAIN_MODULE} required username="alice" password="alice-secret";'
LOGINS = [json.loads(line) for line in (Path(__file__).parent / "kafka_4_3_1_logins.jsonl").read_text().splitlines()]

LETTERS = {"\a": "a", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", "\v": "v"}
CAN_BE_OCTAL = 0o377


@pytest.mark.parametrize("login", LOGINS, ids=lambda login: repr(login["text"][57:]))
def test_what_java_reads_is_read_and_what_it_refuses_is_refused(login: dict[str, str]) -> None:
    if "password" in login:
        assert parse_jaas(login["text"], mechanism="PLAIN") == Credentials(login["username"], login["password"])
    else:
        with pytest.raises(ConfigError, match=r"sasl\.jaas\.config"):
            parse_jaas(login["text"], mechanism="PLAIN")


def quoted(password: str, chance: random.Random) -> str:
    """Write it in quotation marks, each character in one of the ways that there are."""
    parts = []
    for character in password:
        ways = ["\\" + character] if not (character in "01234567" or character in LETTERS.values()) else []
        if character not in '"\\\r\n':
            ways.append(character)
        if ord(character) <= CAN_BE_OCTAL:
            ways.append(f"\\{ord(character):03o}")
        if character in LETTERS:
            ways.append("\\" + LETTERS[character])
        parts.append(chance.choice(ways))
    return f'"{"".join(parts)}"'


@given(st.text(max_size=20), st.randoms(use_true_random=False))
def test_every_password_can_be_written_in_every_way(password: str, chance: random.Random) -> None:
    text = f"{PLAIN_MODULE} required username=alice password={quoted(password, chance)};"

    assert parse_jaas(text, mechanism="PLAIN").password == password


@pytest.mark.parametrize(
    ("text", "mechanism", "password"),
    [
        (JAAS, "PLAIN", "alice-secret"),
        (f"  {SCRAM_MODULE}\n  REQUIRED\n  username = 'alice'\n  password='it is \"quoted\"' ;\n", "SCRAM-SHA-512",
         'it is "quoted"'),
        (f"{SCRAM_MODULE} required password=plain-word username=alice;", "SCRAM-SHA-256", "plain-word"),
        (f'{PLAIN_MODULE} sufficient username="alice" password=";=\\"\\\\";', "PLAIN", ';="\\'),
        (f'{PLAIN_MODULE} required username="alice" password="";', "PLAIN", ""),
    ],
)  # fmt: skip
def test_kafkas_form_of_a_login_is_read(text: str, mechanism: str, password: str) -> None:
    assert parse_jaas(text, mechanism=mechanism) == Credentials("alice", password)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "must be: LoginModule required"),
        (JAAS[:-1], "must be: LoginModule required"),
        (JAAS + JAAS, "more than one login module"),
        (JAAS.replace('secret"', "secret"), "a quotation mark that is not closed"),
        (JAAS.replace(PLAIN_MODULE, "com.example.Other"), "login module com.example.Other is not known here"),
        (JAAS.replace(PLAIN_MODULE, SCRAM_MODULE), "is not for sasl.mechanism=PLAIN"),
        (JAAS.replace("required", "please"), "'please' where one of required"),
        (JAAS.replace("username=", "user="), "option user has no effect here"),
        (JAAS.replace(' password="alice-secret"', ""), "password is missing"),
        (JAAS.replace('="alice-secret"', ""), "its options must be name=value"),
        (JAAS.replace("password=", "password password="), "its options must be name=value"),
        (JAAS.replace('"alice-secret"', "="), "its options must be name=value"),
    ],
)
def test_another_form_is_named_without_showing_it(text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=f"sasl.jaas.config: .*{says}") as told:
        parse_jaas(text, mechanism="PLAIN")
    assert "alice" not in str(told.value)


@given(st.text(max_size=80))
def test_no_text_whatever_makes_the_reader_of_logins_stumble(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_jaas(text, mechanism="PLAIN")
