"""Planted secrets are in no repr, no log, no error and no dead letter's header, whatever goes wrong with the record that has them."""

import json
import logging
import traceback
from typing import Any

import pytest

from producer.errors import ProducerError
from producer.governance.errors import KeyServiceAwayError
from producer.governance.governed_producer import GovernedProducer, Reader
from producer.governance.policy.file import policy_of
from producer.governance.protection.key_service import KeyRequest
from producer.records import Record
from tests.unit.producer.dead_letters.desk import WAIT_S
from tests.unit.producer.dead_letters.desk import Desk as Kafka
from tests.unit.producer.governance.keys import service

CARD, NAME, NUMBER = "4111-1111-1111-1111", "Ada Lovelace", 987_654_321
SECRETS = (CARD, NAME, str(NUMBER))
MOMENT = "half past never"
"""In a field that no policy hides: it is written as it is, and told all the same by nobody."""
WHOLE = {"tenant_id": "acme", "event_time": 1, "card": CARD, "name": NAME, "number": NUMBER}
RULE: dict[str, Any] = {
    "match": "orders",
    "required": ["tenant_id"],
    "fields": {"event_time": {"format": "timestamp"}, "name": {"pattern": "[A-Z][a-z]+ [A-Z][a-z]+"}},
    "tenant": {"field": "tenant_id"},
    "protect": {
        "card": {"by": "encrypt"},
        "name": {"by": "tokenise", "key": "tokens"},
        "number": {"by": "tokenise", "key": "tokens"},
    },
}
WRONG = [
    WHOLE,
    {**WHOLE, "tenant_id": None},
    {**WHOLE, "event_time": MOMENT},
    {**WHOLE, "event_time": 555_555 * 10**12},
    {**WHOLE, "name": f"{NAME} ü"},
    {**WHOLE, "name": [NAME]},
    {**WHOLE, "number": {"is": NUMBER}},
    {**WHOLE, "tenant_id": NAME},
    {**WHOLE, "tenant_id": 7},
]
VALUES = [
    *(json.dumps(one).encode() for one in WRONG),
    json.dumps(WHOLE).encode()[:-1],
    f"{CARD} {NAME} {NUMBER}".encode(),
    b"\0\0\0\0\1" + NAME.encode(),
    b"\xff" + NAME.encode(),
]


class Away:
    def answer(self, request: KeyRequest) -> Any:
        raise KeyServiceAwayError(str(request), "nobody answered")


def said_of(error: ProducerError | None) -> str:
    if error is None:
        return ""
    return f"{error!r} {error} {vars(error)} {''.join(traceback.format_exception(error))}"


@pytest.mark.parametrize("action", ["refuse", "dead_letter", "count"])
@pytest.mark.parametrize("keys", [service("acme"), Away(), None], ids=["with keys", "away", "without"])
def test_nothing_that_is_said_or_written_has_a_secret(
    action: str, keys: Any, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    policy = policy_of({"version": 1, "topics": [{**RULE, "on_violation": action}]})
    kafka = Kafka(lambda _record: None)

    with GovernedProducer(kafka, policy, keys=keys) as producer:
        futures = producer.send_all([Record("orders", value) for value in VALUES])
        told = [said_of(future.exception(WAIT_S)) for future in futures]
        shown = [repr(producer), repr(producer.governor.keys), repr(producer.governor.counts), repr(policy), repr(keys)]
    written = [f"{record.value!r} {record.key!r} {record.headers!r}" for record in kafka.sent]
    out = capsys.readouterr()

    for secret in (*SECRETS, MOMENT):
        # A tenant is no secret: it stands beside what is encrypted by its key, and who has none is told so by name.
        errors = [one for one in told if "tenant Ada" not in one]
        lying = written if secret in SECRETS else []
        assert [one for one in (*errors, *shown, *lying, caplog.text, out.out, out.err) if secret in one] == []


def test_a_reader_s_errors_have_none_either() -> None:
    keys = service("acme")
    kafka = Kafka(lambda _record: None)
    policy = policy_of({"version": 1, "topics": [{**RULE, "encrypt_value": True}]})
    with GovernedProducer(kafka, policy, keys=keys) as producer:
        producer.send("orders", VALUES[0]).result(WAIT_S)
    keys.shred("acme")

    for record in (kafka.sent[0], kafka.sent[0]._replace(value=(kafka.sent[0].value or b"")[:-1])):
        with pytest.raises(ProducerError) as raised:
            Reader(keys).opened(record)
        assert not any(secret in said_of(raised.value) for secret in SECRETS)
