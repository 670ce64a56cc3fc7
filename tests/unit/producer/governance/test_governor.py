"""A record that is not as its policy wants it is refused, dead-lettered or counted; its fields are hidden before it goes anywhere."""

import json
from typing import Any

import pytest

from producer.errors import Code, Outcome
from producer.governance.batch import batch_ruling
from producer.governance.errors import KeyServiceAwayError, KeyServiceError, PolicyViolationError
from producer.governance.governor import WITHHELD, Verdict
from producer.governance.protection.key_service import KeyRequest
from tests.unit.producer.governance.keys import Desk, service

WANTED = {"required": ["event_time", "tenant_id"], "fields": {"event_time": {"format": "timestamp"}}}
GOOD = b'{"event_time":"2026-12-01T00:00:00Z","tenant_id":"acme"}'


def said(value: Any) -> bytes:
    return json.dumps(value).encode()


def test_a_record_that_is_as_wanted_goes_on_as_it_is() -> None:
    ruling = Desk(WANTED, None).ruling(GOOD)

    assert (ruling.verdict, ruling.record and ruling.record.value) == (Verdict.PASSED, GOOD)


@pytest.mark.parametrize(
    "policy, value, path, reason",
    [
        (WANTED, said({"event_time": 1}), "tenant_id", "is missing"),
        (WANTED, said({"event_time": 1, "tenant_id": None}), "tenant_id", "is missing"),
        (WANTED, said({"event_time": "yesterday", "tenant_id": "a"}), "event_time", "must be a time with its offset"),
        (WANTED, b"\xff", "event_time", "is missing"),
        ({"formats": ["json"]}, b"\xff", "format", "is bytes, must be json"),
        ({"formats": ["avro", "protobuf"]}, b"{}", "format", "is json, must be avro or protobuf"),
        ({"fields": {"c": {"one_of": ["DE", "FR"]}}}, said({"c": "XX"}), "c", "must be one of DE, FR"),
        ({"fields": {"n": {"one_of": [1]}}}, said({"n": True}), "n", "must be one of 1"),
        ({"fields": {"c": {"pattern": "[A-Z]+"}}}, said({"c": "a" * 20_000}), "c", "must be a text that matches"),
        ({"fields": {"i[*].c": {"format": "email"}}}, said({"i": [{"c": "a@b.de"}, {"c": "x"}]}), "i[*].c", "must be"),
        ({"required": ["i[*].c"]}, said({"i": [{"c": 1}, {}]}), "i[*].c", "is missing"),
        ({"required": ["key"]}, GOOD, "key", "is missing"),
        ({"required": ["header:trace"]}, GOOD, "header:trace", "is missing"),
        ({"tombstones": "refuse"}, None, "value", "takes no tombstones"),
        ({"formats": ["json"]}, b'{"a":1,"a":2}', "format", "is bytes"),
        ({"subjects": ["orders-value"]}, b"{}", "subject", "is json without a schema"),
    ],
)
def test_what_is_wrong_is_named_and_the_code_is_invalid_record(policy: Any, value: Any, path: str, reason: str) -> None:
    ruling = Desk(policy, None).ruling(value)

    assert (ruling.verdict, ruling.record) == (Verdict.REFUSED, None)
    assert isinstance(ruling.error, PolicyViolationError)
    assert (ruling.error.code.code, ruling.error.outcome) == (Code.INVALID_RECORD, Outcome.FAILED)
    assert ruling.violations[0].path == path
    assert reason in ruling.violations[0].reason


def test_a_record_that_is_only_counted_goes_on() -> None:
    desk = Desk({**WANTED, "on_violation": "count"}, None)

    ruling = desk.ruling(b"{}")

    assert (ruling.verdict, ruling.error) == (Verdict.PASSED, None)
    assert dict(desk.governor.counts) == {
        ("orders", "event_time", "required"): 1,
        ("orders", "tenant_id", "required"): 1,
    }


def test_a_topic_that_nobody_listed_is_open_or_closed_as_the_policy_says() -> None:
    record = Desk(WANTED, None).passed(GOOD)._replace(topic="others")
    is_open, is_closed = Desk(WANTED, None), Desk(WANTED, None, unlisted="refuse")

    assert is_open.governor.ruling(record, 0).verdict is Verdict.PASSED
    assert is_closed.governor.ruling(record, 0).verdict is Verdict.REFUSED


def test_of_a_batch_the_good_records_pass_and_each_bad_one_has_its_error() -> None:
    desk = Desk(WANTED, None)

    told = batch_ruling([desk.ruling(value) for value in (GOOD, b"{}", GOOD)])

    assert [place for place, _ in told.passed] == [0, 2]
    assert [(one.batch_index, "tenant_id: is missing" in one.message) for one in told.errors] == [(1, True)]


HIDING = {
    **WANTED,
    "tenant": {"field": "tenant_id"},
    "protect": {
        "email": {"by": "tokenise", "key": "tokens"},
        "name": {"by": "redact"},
        "items[*].card": {"by": "encrypt"},
    },
}
SECRETS = ("ada.lovelace@example.org", "Ada Lovelace", "4111111111111111", "5500005555555559")
ORDER = {
    "event_time": 1,
    "tenant_id": "acme",
    "email": SECRETS[0],
    "name": SECRETS[1],
    "items": [{"card": SECRETS[2]}, {"card": SECRETS[3]}],
}


def test_fields_are_hidden_and_the_encrypted_ones_come_back_to_whoever_has_the_right() -> None:
    desk = Desk(HIDING, service("acme"))

    made = desk.passed(said(ORDER))
    fields = json.loads(desk.opened(made).value or b"")

    assert not any(secret.encode() in (made.value or b"") for secret in SECRETS)
    assert (fields["name"], fields["items"]) == ("***", ORDER["items"])
    assert len(fields["email"]) == len(SECRETS[0])
    assert fields["email"] != SECRETS[0]


def test_a_dead_letter_s_fields_are_hidden_as_well() -> None:
    desk = Desk({**HIDING, "on_violation": "dead_letter"}, service("acme"))

    ruling = desk.ruling(said({**ORDER, "event_time": "yesterday"}))

    assert ruling.verdict is Verdict.DEAD_LETTERED
    assert ruling.record is not None
    assert not any(secret.encode() in (ruling.record.value or b"") for secret in SECRETS)


@pytest.mark.parametrize(
    "value", [b"no JSON of Ada Lovelace", said({**ORDER, "tenant_id": 7}), said({**ORDER, "email": "a@"})]
)
def test_a_dead_letter_that_cannot_be_hidden_has_no_value(value: bytes) -> None:
    ruling = Desk({**HIDING, "on_violation": "dead_letter"}, service("acme")).ruling(value)

    assert ruling.verdict is Verdict.DEAD_LETTERED
    assert ruling.record is not None
    assert (ruling.record.value, ruling.record.headers) == (b"", ((WITHHELD, b"1"),))


def test_what_cannot_be_hidden_does_not_pass_where_violations_are_only_counted() -> None:
    ruling = Desk({**HIDING, "on_violation": "count"}, service("acme")).ruling(said({**ORDER, "email": "a@"}))

    assert (ruling.verdict, ruling.violations[-1].path) == (Verdict.REFUSED, "email")


class Away:
    def __init__(self) -> None:
        self.asked = 0

    def answer(self, request: KeyRequest) -> Any:
        self.asked += 1
        raise KeyServiceAwayError(str(request), "nobody answered")


def test_without_a_key_nothing_goes_on_and_it_is_said_why() -> None:
    desk = Desk(HIDING, Away())

    ruling = desk.ruling(said(ORDER))

    assert (ruling.verdict, ruling.record) == (Verdict.REFUSED, None)
    assert isinstance(ruling.error, KeyServiceError)
    assert str(ruling.error) == "key service: mask tokens: nobody answered"


def test_without_a_key_everything_goes_on_in_plaintext_where_the_policy_lets_it() -> None:
    desk = Desk(HIDING, Away(), on_missing_key="pass")

    ruling = desk.ruling(said(ORDER))

    assert (ruling.verdict, ruling.is_plain) == (Verdict.PASSED, True)
    assert ruling.record is not None
    assert ruling.record.value == said(ORDER)
    assert desk.governor.counts["orders", "key service", "plain"] == 1


def test_a_key_service_that_is_away_is_asked_once_a_second_and_not_once_a_record() -> None:
    away = Away()
    desk = Desk(HIDING, away)

    for now_us in (0, 1, 999_999, 1_000_000, 1_500_000):
        desk.now_us = now_us
        desk.ruling(said(ORDER))

    assert away.asked == 2


def test_a_service_of_somebody_else_that_fails_is_no_key_and_its_words_are_not_told() -> None:
    class Broken:
        def answer(self, request: KeyRequest) -> Any:
            raise RuntimeError("the key is s3cret")

    ruling = Desk(HIDING, Broken()).ruling(said(ORDER))

    assert ruling.verdict is Verdict.REFUSED
    assert "RuntimeError" in str(ruling.error)
    assert "s3cret" not in str(ruling.error)


def test_equal_values_have_equal_tokens_in_two_topics_and_from_two_producers() -> None:
    keys = service("acme")
    orders, payments = (
        Desk({"protect": {"c": {"by": "tokenise", "key": "tokens", "domain": "c"}}}, keys) for _ in "ab"
    )

    tokens = [json.loads(desk.passed(said({"c": "customer-42"})).value or b"")["c"] for desk in (orders, payments)]

    assert tokens[0] == tokens[1] != "customer-42"


def test_an_encrypted_record_key_is_another_one_each_time_and_a_token_the_same() -> None:
    keys = service("acme")
    encrypted = Desk({"tenant": {"name": "acme"}, "protect_key": {"by": "encrypt"}}, keys)
    token = Desk({"protect_key": {"by": "tokenise", "key": "tokens"}}, keys)

    ones = [encrypted.passed(b"v", key=b"customer-42") for _ in "ab"]

    assert len({one.key for one in ones}) == 2
    assert {encrypted.opened(one).key for one in ones} == {b"customer-42"}
    assert len({token.passed(b"v", key=b"customer-42").key for _ in "ab"}) == 1
