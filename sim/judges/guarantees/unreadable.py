"""Unreadable: a record is written and acknowledged, and nobody who is deployed to read it can make a value of it.

What a registry says counts for nothing here, nor what a reader says of itself. The bytes that lie in the log are decoded once
more by each reader's own deserializer: its schema, and those that it held for the ids in the bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.errors import SerializationError
from producer.records import Headers
from producer.schemas.schema import InvalidSchemaError
from producer.serialization.schema_deserializer import SchemaDeserializer
from producer.serialization.serializer import Role
from producer.serialization.unknown import SchemaUnknownError
from producer.serialization.wire_format import unframe
from sim.judges.history import ACKNOWLEDGED
from sim.judges.verdict import Finding, Moment, Verdict

if TYPE_CHECKING:
    from sim.judges.ledger import Ledger, Placed
    from sim.judges.record_id import RecordId
    from sim.judges.schemas import Deployment

NAME = "unreadable"
PROMISE = "whatever is acknowledged can be decoded by somebody who is deployed to read it"

UNKNOWN = "it never came to a record with that schema"
"""Why a reader's word on a record is open: neither did it hold the schema, nor was it refused it."""


class _Bytes(NamedTuple):
    """What lies at one offset, as somebody was given it, or as it was sent where nobody was."""

    value: bytes
    headers: Headers


def judge(ledger: Ledger) -> Verdict:
    """Decode each acknowledged record of the final committed log as those do who read its topic, then or later.

    Whoever was replaced by another version before a record was written is not asked about it. A record that everybody fails to
    decode is found; where somebody may yet do so who never came to such a record, nothing is certain. Tombstones have no value.
    """
    if not ledger.is_final:
        return Verdict.of(NAME, PROMISE, [], checked=0, is_conclusive=False)
    readers = _Readers(ledger)
    findings: list[Finding] = []
    checked, is_conclusive = 0, True
    for record, told in ledger.history.told.items():
        places = ledger.counting(record) if told.outcome == ACKNOWLEDGED else []
        deployed = readers.of(places[0]) if places else []
        lying = readers.lying(record, places[0]) if deployed else None
        if lying is None:
            continue
        checked += 1
        reasons = readers.objections(deployed, lying)
        if reasons is None:
            continue
        if UNKNOWN in reasons:
            is_conclusive = False
        else:
            findings.append(_finding(ledger, record, places[0], deployed, reasons))
    return Verdict.of(NAME, PROMISE, findings, checked=checked, is_conclusive=is_conclusive)


class _Readers:
    """Every version of every reader, with the schemas that it held."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._schemas = ledger.history.schemas
        self._deserializers: dict[int, SchemaDeserializer] = {}
        self._answers: dict[tuple[int, _Bytes], str | None] = {}
        self._given: dict[tuple[str, int, int, int], _Bytes] = {}
        for read in ledger.history.read:
            found = ledger.readings.given[read.event]
            if found is not None and read.value is not None:
                place = (*read.where, read.offset, found.entry.appended)
                self._given[place] = _Bytes(read.value, read.headers)

    def of(self, place: Placed) -> list[Deployment]:
        """Give who reads a topic after a record was appended there."""
        return [
            one
            for one in self._schemas.deployments
            if one.topic == place.where.topic and one.ended > place.entry.appended
        ]

    def lying(self, record: RecordId, place: Placed) -> _Bytes | None:
        """Give the bytes that lie there; None for a tombstone."""
        given = self._given.get((*place.where, place.offset, place.entry.appended))
        if given is not None:
            return given
        sent = self._ledger.history.sent[record]
        return None if sent.value is None else _Bytes(sent.value, sent.headers)

    def objections(self, deployed: list[Deployment], lying: _Bytes) -> list[str] | None:
        """Say why each of them cannot decode it; None as soon as one can."""
        reasons = []
        for one in deployed:
            known = (one.begun, lying)
            if known not in self._answers:
                self._answers[known] = self._objection(one, lying)
            reason = self._answers[known]
            if reason is None:
                return None
            reasons.append(reason)
        return reasons

    def _objection(self, one: Deployment, lying: _Bytes) -> str | None:
        """Decode; say why that cannot be."""
        deserializer = self._deserializers.get(one.begun)
        if deserializer is None:
            deserializer = self._deserializers[one.begun] = SchemaDeserializer(reader=one.schema)
        headers = list(lying.headers)
        try:
            key = unframe(Role.VALUE, headers, lying.value).key
            held = (one.client, one.registry, str(key))
            if held in self._schemas.held:
                deserializer.hold(key, self._schemas.held[held])
            deserializer.deserialize(one.topic, headers, lying.value)
        except (SerializationError, InvalidSchemaError) as error:
            return str(error)
        except SchemaUnknownError:
            why = self._schemas.missed.get(held)
            return UNKNOWN if why is None else f"it holds no schema {key}: {why}"
        return None


def _finding(
    ledger: Ledger, record: RecordId, place: Placed, deployed: list[Deployment], reasons: list[str]
) -> Finding:
    schemas = ledger.history.schemas
    written = schemas.serialized.get(record)
    how = "written without a serializer" if written is None else str(written)
    why = "; ".join(f"{one}: {reason}" for one, reason in zip(deployed, reasons, strict=True))
    what = f"acknowledged at {place.where} offset {place.offset}, {how}, and nobody deployed can decode it: {why}"
    moments = [Moment("reader deployed", one.begun) for one in deployed]
    moments += [] if written is None else [Moment("serialized", written.event)]
    moments += [
        Moment("unreadable", one.event)
        for one in schemas.unreadable
        if (one.topic, one.partition, one.offset) == (*place.where, place.offset)
    ]
    return ledger.finding(record, what, *moments)
