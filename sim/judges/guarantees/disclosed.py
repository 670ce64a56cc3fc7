"""Disclosed: a secret lies on a broker's disk for whoever reads it there, or under a key that was replaced before it was sent.

The bytes on every disk are looked through, those of dead-letter topics and of groups' positions as well: each record's key, value and
headers, as it is, in hexadecimal, in base64. A trace has secrets by their digests alone, so every stretch of a secret's size is digested.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from producer.errors import MalformedError
from producer.records import TopicPartition
from producer.wire.record_batch import decode_records, read_header
from sim.judges.verdict import Finding, Moment, Verdict

if TYPE_CHECKING:
    from sim.judges.governance import AtRest, Planted, Rotation
    from sim.judges.history import Sent
    from sim.judges.ledger import Ledger
    from sim.judges.record_id import RecordId

NAME = "disclosed"
PROMISE = "no secret lies on any disk for whoever reads it there, and none under a key that was replaced before"

DIGEST_BYTES = 16


class _Place(NamedTuple):
    """One record on the disks."""

    where: TopicPartition
    offset: int


def judge(ledger: Ledger) -> Verdict:
    """Look through everything at rest, and at the keys that each acknowledged record names.

    What was removed before the end, by retention, a cleaner or a truncation, lies there no longer and is not found.
    """
    governance = ledger.history.governance
    if not governance.planted and not governance.rotations:
        # Nobody has a secret.
        return Verdict.of(NAME, PROMISE, [], checked=0, is_conclusive=True)
    if not ledger.is_final or not governance.at_rest:
        return Verdict.of(NAME, PROMISE, [], checked=0, is_conclusive=False)
    search = _Search(governance.planted)
    found: dict[tuple[_Place, str], list[AtRest]] = {}
    checked: set[_Place] = set()
    for batch in governance.at_rest:
        where = TopicPartition(batch.topic, batch.partition)
        for offset, parts in _records(batch.data):
            checked.add(_Place(where, offset))
            for what in search.secrets_in(parts):
                found.setdefault((_Place(where, offset), what), []).append(batch)
    senders = {_Place(where, offset): record for where, rows in ledger.placed.items() for offset, record, _ in rows}
    findings = [
        _disclosed(ledger, place, what, batches, senders.get(place)) for (place, what), batches in found.items()
    ]
    for rotation in governance.rotations:
        findings += _late(ledger, rotation)
    return Verdict.of(NAME, PROMISE, findings, checked=len(checked), is_conclusive=True)


def _records(data: bytes) -> list[tuple[int, tuple[bytes, ...]]]:
    """Give offset and parts of each record of a batch; of one that cannot be read, its bytes as they are."""
    try:
        return [
            (
                one.offset,
                (
                    one.key or b"",
                    one.value or b"",
                    *[name.encode() + b"\0" + (value or b"") for name, value in one.headers],
                ),
            )
            for one in decode_records(data)
        ]
    except MalformedError:
        return [(read_header(data).base_offset, (data,))]


class _Search:
    """Looks for secrets by their digests."""

    def __init__(self, planted: list[Planted]) -> None:
        self._sizes: dict[int, dict[str, Planted]] = {}
        for one in planted:
            self._sizes.setdefault(one.size, {})[one.digest] = one
        self._known: dict[bytes, tuple[str, ...]] = {}

    def secrets_in(self, parts: tuple[bytes, ...]) -> list[str]:
        """Name those that stand in any of the parts."""
        names: dict[str, None] = {}
        for part in parts:
            if part not in self._known:
                self._known[part] = self._found(part)
            names |= dict.fromkeys(self._known[part])
        return list(names)

    def _found(self, part: bytes) -> tuple[str, ...]:
        names: dict[str, None] = {}
        for size, digests in self._sizes.items():
            for begin in range(len(part) - size + 1):
                digest = blake2b(part[begin : begin + size], digest_size=DIGEST_BYTES).hexdigest()
                planted = digests.get(digest)
                if planted is not None:
                    names[f"{planted.secret} {planted.form}"] = None
        return tuple(names)


def _disclosed(ledger: Ledger, place: _Place, what: str, batches: list[AtRest], record: RecordId | None) -> Finding:
    disks = ", ".join(f"b{one.broker}" for one in batches)
    text = f"{place.where} offset {place.offset} on {disks} holds the secret {what}"
    moments = [Moment("at rest", one.event) for one in batches]
    if record is None:
        return ledger.nobody_s(place.where, f"a record of {place.where}", text, *moments)
    ruled = ledger.history.governance.ruled.get(record, "")
    return ledger.finding(record, f"{text}{f'; the policy said: {ruled}' if ruled else ''}", *moments)


def _late(ledger: Ledger, rotation: Rotation) -> list[Finding]:
    """Find what was sent after a rotation and lies there under the key before."""
    from producer.governance.protection.named_keys import named_keys

    findings = []
    for record in ledger.places:
        sent: Sent = ledger.history.sent[record]
        if sent.event < rotation.event:
            continue
        if record in ledger.history.made:
            # The last that was handed on is what lies there, or is like it.
            made = ledger.history.made[record][-1]
            sent = sent._replace(key=made.key, value=made.value, headers=made.headers)
        versions = [
            one.version
            for one in named_keys(sent.key, sent.value, sent.headers)
            if one.tenant == rotation.tenant and one.version < rotation.version
        ]
        if versions:
            what = f"sent after {rotation.tenant}'s key {rotation.version} was made, and encrypted under its key {versions[0]}"
            findings.append(ledger.finding(record, what, Moment("rotation", rotation.event)))
    return findings
