"""A policy file at a gateway: who writes what, who reads what, while the keys are there and while they are not, and the audit of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from producer.drivers.future import SendFuture
from producer.errors import Code, MetadataTimeoutError
from producer.governance.audit.store import AuditFile
from producer.governance.audit.verify import verify
from producer.governance.errors import KeyServiceAwayError
from producer.governance.policy.file import parse_policy
from producer.governance.protection.local_keys import LocalKeyService
from producer.records import RecordMetadata
from producer.wire.api import ApiKey
from producer.wire.messages.fetch import FetchPartitionResponse, FetchRequest, FetchResponse, FetchTopicResponse
from producer.wire.messages.produce import (
    ProducePartitionResponse,
    ProduceRequest,
    ProduceResponse,
    ProduceTopicResponse,
)
from producer.wire.messages.sasl_authenticate import SaslAuthenticateRequest, SaslAuthenticateResponse
from producer.wire.messages.sasl_handshake import SaslHandshakeRequest, SaslHandshakeResponse
from producer.wire.record_batch import decode_records
from sim.gateway.audited import BatchAudit
from sim.gateway.graveyard import Graveyard
from sim.gateway.policed import Policed
from tests.gateway.sessions import Ends, batch, produce

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from producer.errors import ProducerError
    from producer.governance.protection.key_service import KeyAnswer, KeyRequest, KeyService
    from producer.records import Record

POLICY = """
version: 1
topics:
  - match: orders-*
    required: [tenant_id]
    tenant: {field: tenant_id}
    protect:
      card: {by: encrypt}
      email: {by: tokenise, key: tokens, domain: mail}
"""
CARD, EMAIL = "4111-1111-1111-1111", "jane@example.org"


def order(**fields: Any) -> bytes:
    return json.dumps({"tenant_id": "acme", "card": CARD, "email": EMAIL} | fields).encode()


class Away:
    """A key service that nobody reaches."""

    def answer(self, request: KeyRequest) -> KeyAnswer:
        raise KeyServiceAwayError(str(request), "nobody answers")


@pytest.fixture
def keys() -> LocalKeyService:
    service = LocalKeyService()
    service.add_tenant("acme", readers=("User:alice",))
    service.add_mask("tokens")
    return service


@pytest.fixture
def policed(keys: LocalKeyService) -> Iterator[Policed]:
    gate = Policed(parse_policy(POLICY), keys_of=keys.as_principal)
    yield gate
    gate.close()


def as_user(enforcement: Policed, user: str) -> Ends:
    ends = Ends(enforcement)
    ends.ask(ApiKey.SASL_HANDSHAKE, 1, SaslHandshakeRequest("PLAIN"))
    ends.answer(SaslHandshakeResponse(mechanisms=("PLAIN",)))
    ends.ask(ApiKey.SASL_AUTHENTICATE, 2, SaslAuthenticateRequest(b"\0%b\0secret" % user.encode()))
    ends.answer(SaslAuthenticateResponse())
    return ends


def write(ends: Ends, *values: bytes, topic: str = "orders-eu") -> bytes | None:
    """Write a batch. Gives what went to the broker, which takes it at offset 40; None where nothing did."""
    ends.ask(ApiKey.PRODUCE, 9, produce((topic, 2, batch(*values))))
    if not ends.requests:
        return None
    stored: bytes = ends.request(ProduceRequest).topic_data[0].partition_data[0].records
    part = ProducePartitionResponse(2, base_offset=40)
    ends.answer(ProduceResponse((ProduceTopicResponse(topic, partition_responses=(part,)),)))
    return stored


def read(ends: Ends, stored: bytes, topic: str = "orders-eu") -> list[Any]:
    ends.ask(ApiKey.FETCH, 12, FetchRequest())
    part = FetchPartitionResponse(2, records=stored)
    ends.answer(FetchResponse(responses=(FetchTopicResponse(topic, partitions=(part,)),)))
    told = ends.answers[-1][1].responses[0].partitions[0]
    return [json.loads(one.value or b"") for one in decode_records(told.records)] if told.records else [told.error_code]


def refused(ends: Ends) -> ProducePartitionResponse:
    part: ProducePartitionResponse = ends.answers[-1][1].responses[0].partition_responses[0]
    return part


def test_who_has_the_right_reads_the_plaintext_and_nobody_else_does(policed: Policed) -> None:
    stored = write(as_user(policed, "shop"), order(), order(card="5500-0000-0000-0004"))
    assert stored is not None

    assert CARD.encode() not in stored
    assert EMAIL.encode() not in stored
    by_alice, by_bob = (read(as_user(policed, user), stored) for user in ("alice", "bob"))
    assert [one["card"] for one in by_alice] == [CARD, "5500-0000-0000-0004"]
    assert all(one["card"] not in {CARD, "5500-0000-0000-0004"} for one in by_bob)
    # A token is the same for both, and for both values: joins need it.
    assert len({one["email"] for one in (*by_alice, *by_bob)}) == 1


def test_a_shredded_tenant_is_read_by_nobody(policed: Policed, keys: LocalKeyService) -> None:
    stored = write(as_user(policed, "shop"), order())
    assert stored is not None
    keys.shred("acme")

    assert read(as_user(policed, "alice"), stored)[0]["card"] != CARD


def test_a_record_without_its_tenant_is_refused_and_the_reason_shows_no_value(policed: Policed) -> None:
    ends = as_user(policed, "shop")

    assert write(ends, order(), b'{"card": "%b"}' % CARD.encode()) is None

    told = refused(ends)
    assert told.error_code == Code.INVALID_RECORD
    assert [one.batch_index for one in told.record_errors] == [1]
    assert "tenant_id" in (told.record_errors[0].batch_index_error_message or "")
    assert CARD not in str(told)


def test_other_topics_pass_as_they_are(policed: Policed) -> None:
    assert write(as_user(policed, "shop"), b"anything", topic="logs") == batch(b"anything")


@pytest.mark.parametrize("service", [Away(), None], ids=["away", "none"])
def test_without_keys_nothing_passes(service: KeyService | None) -> None:
    policed = Policed(parse_policy(POLICY), keys_of=None if service is None else lambda _: service)
    ends = as_user(policed, "shop")

    assert write(ends, order()) is None

    # Away, it may be back when the client asks again; where there is none, asking again changes nothing.
    assert refused(ends).error_code == (Code.INVALID_RECORD if service is None else Code.KAFKA_STORAGE_ERROR)


def test_while_the_keys_are_away_who_could_read_waits_and_reads_no_ciphertext_for_plaintext(policed: Policed) -> None:
    stored = write(as_user(policed, "shop"), order())
    assert stored is not None
    away = Policed(parse_policy(POLICY), keys_of=lambda _: Away())

    assert read(as_user(away, "alice"), stored) == [Code.KAFKA_STORAGE_ERROR]


def test_each_record_has_its_lines_in_the_audit_and_no_value_is_there(tmp_path: Path, keys: LocalKeyService) -> None:
    file = tmp_path / "audit.jsonl"
    policed = Policed(parse_policy(POLICY), keys_of=keys.as_principal, audit=BatchAudit(AuditFile(file)))
    ends = as_user(policed, "shop")
    write(ends, order(), order())
    write(ends, order(), b"{}")
    policed.close()

    text = file.read_bytes()
    lines = [json.loads(line) for line in text.splitlines()]
    told = [line for line in lines if line["kind"] == "outcome"]
    meant = [line for line in lines if line["kind"] == "intent"]
    assert verify(text).breach is None
    assert [(line["outcome"], line["offset"]) for line in told] == [
        ("acknowledged", 40),
        ("acknowledged", 41),
        ("refused", None),
        ("refused", None),
    ]
    assert [
        (line["principal"], line["client_id"], line["host"], line["topic"], line["partition"]) for line in meant
    ] == [("User:shop", "by hand", "10.0.0.7", "orders-eu", 2)] * 4
    assert sorted(line["record"] for line in meant) == sorted(line["record"] for line in told)
    for secret in (CARD, EMAIL, "secret"):
        assert secret.encode() not in text


def test_what_cannot_be_audited_does_not_pass(tmp_path: Path, keys: LocalKeyService) -> None:
    audit = BatchAudit(AuditFile(tmp_path / "audit.jsonl"))
    policed = Policed(parse_policy(POLICY), keys_of=keys.as_principal, audit=audit)
    audit.close()
    ends = as_user(policed, "shop")

    assert write(ends, order()) is None
    assert refused(ends).error_code == Code.KAFKA_STORAGE_ERROR


# -- dead letters ------------------------------------------------------------------------------------------------------

BURYING = POLICY + "    on_violation: dead_letter\n"


class Written:
    """A producer whose records are at once where they belong, or nowhere."""

    def __init__(self, error: ProducerError | None = None) -> None:
        self.letters: list[Record] = []
        self._error = error

    def send_record(self, record: Record) -> SendFuture:
        self.letters.append(record)
        future = SendFuture(None)
        future.settle(self._error or RecordMetadata(record.topic, 0, 7, -1, -1, -1))
        return future

    def close(self, timeout_s: float | None = None) -> None: ...


def burying(keys: LocalKeyService, written: Written) -> Policed:
    return Policed(parse_policy(BURYING), keys_of=keys.as_principal, graveyard=Graveyard(written))


def test_a_dead_letter_lies_in_its_topic_with_its_fields_hidden_before_its_batch_is_refused(
    keys: LocalKeyService,
) -> None:
    ends = as_user(burying(keys, written := Written()), "shop")

    assert write(ends, order(), b'{"card": "%b", "email": "%b"}' % (CARD.encode(), EMAIL.encode())) is None

    (letter,) = written.letters
    assert (letter.topic, EMAIL.encode() in (letter.value or b"")) == ("orders-eu.dead", False)
    assert CARD.encode() not in (letter.value or b"")
    said = dict(letter.headers)
    assert (said["acklab.dead.letter.topic"], said["acklab.dead.letter.partition"]) == (b"orders-eu", b"2")
    told = refused(ends)
    assert told.error_code == Code.INVALID_RECORD
    (error,) = told.record_errors
    assert error.batch_index == 1
    assert (error.batch_index_error_message or "").startswith("tenant_id: is missing; ")
    assert (error.batch_index_error_message or "").endswith("; it lies in orders-eu.dead")


def test_a_dead_letter_that_may_not_be_there_lets_its_client_ask_again(keys: LocalKeyService) -> None:
    ends = as_user(burying(keys, Written(MetadataTimeoutError("orders-eu.dead"))), "shop")

    assert write(ends, b"{}") is None

    assert refused(ends).error_code == Code.KAFKA_STORAGE_ERROR
    assert (refused(ends).error_message or "").startswith("dead letters: ")


def test_what_the_policy_lets_pass_makes_no_dead_letter(keys: LocalKeyService) -> None:
    written = Written()

    assert write(as_user(burying(keys, written), "shop"), order()) is not None
    assert written.letters == []
