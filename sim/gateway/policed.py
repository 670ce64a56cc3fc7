"""A policy at a gateway: each client writes and reads by its own rights, and every record that passes may be audited."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from producer.drivers.clock import now_us
from producer.errors import SchemaRegistryError
from producer.governance.asking import asking
from producer.governance.errors import KeyServiceAwayError, KeyServiceError, ProtectionError
from producer.governance.governed_producer import ask_keys, ask_registry, walked
from producer.governance.governor import Governor, Verdict
from producer.governance.protection.entropy import urandom
from producer.governance.protection.key_ring import KeyRing
from producer.governance.protection.key_service import MaskKey, NewDataKey, UnwrapDataKey
from producer.governance.protection.opener import Opener
from producer.records import Record
from sim.gateway.core.enforcement import Decision, UnavailableError, Violation

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.governance.asking import Told, Wanted
    from producer.governance.governed_producer import Registry
    from producer.governance.governor import Ruling
    from producer.governance.policy.words import Policy
    from producer.governance.protection.key_service import KeyService
    from producer.wire.record_batch import BatchRecord
    from sim.gateway.audited import BatchAudit
    from sim.gateway.core.enforcement import Appended, Client

T = TypeVar("T")

PRINCIPALS_MAX = 1_000
"""Whose keys are held; who was away for longest has to have them asked for again."""


class Policed:
    """What a policy file says, enforced on whoever comes by. Safe to use from many threads.

    A record whose policy sends it to dead letters is refused here as well: where its dead letters go is its application's matter.
    """

    may_block = True

    def __init__(
        self,
        policy: Policy,
        *,
        keys_of: Callable[[str], KeyService] | None = None,
        registry: Registry | None = None,
        audit: BatchAudit | None = None,
    ) -> None:
        """`keys_of` gives the key service as a principal (`User:alice`) has it; None where nothing is encrypted."""
        self._policy = policy
        self._keys_of = keys_of
        self._registry = registry
        self._audit = audit
        self._parties: OrderedDict[str, _Party] = OrderedDict()
        self._lock = Lock()

    def produced(self, client: Client, topic: str, partition: int, records: tuple[BatchRecord, ...]) -> Decision:
        """Rule on each record; what the policy hides is hidden."""
        party = self._party(client.principal)
        passed: list[BatchRecord] = []
        wrong: list[Violation] = []
        for number, one in enumerate(records):
            ruling = party.ruling(Record(topic, one.value, one.key, partition, one.headers, one.timestamp_ms))
            if isinstance(ruling.error, KeyServiceAwayError):
                raise UnavailableError(str(ruling.error))
            if ruling.verdict is not Verdict.PASSED or ruling.record is None:
                reasons = "; ".join(map(str, ruling.violations)) or str(ruling.error)
                wrong.append(Violation(number, reasons))
                continue
            made = ruling.record
            passed.append(one._replace(key=made.key, value=made.value, headers=made.headers))
        decision = Decision(records if wrong else tuple(passed), tuple(wrong))
        if self._audit is None:
            return decision
        return decision._replace(ticket=self._audit.intended(client, topic, partition, decision))

    def fetched(self, client: Client, topic: str, records: tuple[BatchRecord, ...]) -> tuple[BatchRecord, ...]:
        """Decrypt what this client has a right to; the rest stays as it lies in the log."""
        party = self._party(client.principal)
        return tuple([_read(party, topic, one) for one in records])

    def answered(self, client: Client, appended: Appended) -> None:
        """Tell the audit."""
        if self._audit is not None:
            self._audit.answered(client, appended)

    def close(self) -> None:
        """Forget all keys, and end the audit."""
        with self._lock:
            for party in self._parties.values():
                party.forget()
            self._parties.clear()
        if self._audit is not None:
            self._audit.close()

    def _party(self, principal: str) -> _Party:
        with self._lock:
            party = self._parties.get(principal)
            if party is None:
                service = None if self._keys_of is None else self._keys_of(principal)
                party = self._parties[principal] = _Party(self._policy, service, self._registry)
                if len(self._parties) > PRINCIPALS_MAX:
                    _, oldest = self._parties.popitem(last=False)
                    oldest.forget()
            self._parties.move_to_end(principal)
            return party


class _Party:
    """Everybody who is one principal: the policy, with keys that this one has a right to."""

    def __init__(self, policy: Policy, service: KeyService | None, registry: Registry | None) -> None:
        writing = KeyRing(urandom, age_us=policy.data_key_age_us, uses_max=policy.data_key_uses)
        self._reading = KeyRing(urandom, age_us=policy.data_key_age_us)
        self._governor = Governor(policy, writing)
        self._opener = Opener(self._reading)
        self._service = service
        self._registry = registry
        self._lock = Lock()

    def ruling(self, record: Record) -> Ruling:
        """Rule on a record on its way to the log. Raises UnavailableError."""
        return self._known(lambda: self._governor.ruling(record, now_us()), self._governor.keys)

    def opened(self, record: Record) -> Record:
        """Decrypt a record on its way back. Raises KeyServiceError, ProtectionError, UnavailableError."""
        return self._known(lambda: self._opener.opened(record, now_us()), self._reading)

    def _known(self, use: Callable[[], T], keys: KeyRing) -> T:
        def locked() -> T:
            with self._lock:
                return use()

        try:
            return walked(asking(locked, keys, now_us), self._answer)
        except SchemaRegistryError as error:
            raise UnavailableError(str(error)) from error

    def forget(self) -> None:
        """Hold no key any more."""
        with self._lock:
            self._governor.keys.forget()
            self._reading.forget()

    def _answer(self, wanted: Wanted) -> Told:
        if isinstance(wanted, (NewDataKey, UnwrapDataKey, MaskKey)):
            return ask_keys(wanted, self._service)
        ask_registry(wanted, self._registry)
        return None


def _read(party: _Party, topic: str, one: BatchRecord) -> BatchRecord:
    record = Record(topic, one.value, one.key, None, one.headers, one.timestamp_ms)
    try:
        opened = party.opened(record)
    except KeyServiceAwayError as error:
        raise UnavailableError(str(error)) from error
    except (KeyServiceError, ProtectionError):
        # No right to it, or nothing that could be opened: it reads what everybody reads.
        return one
    if opened is record:
        return one
    return one._replace(key=opened.key, value=opened.value, headers=opened.headers)
