"""A policy at a gateway, sans-IO: each client writes and reads by its own rights, and every record that passes may be audited."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from producer.dead_letters.letter import dead_letter
from producer.dead_letters.policy import DeadLetterPolicy
from producer.errors import SchemaRegistryError
from producer.governance.asking import asking
from producer.governance.errors import KeyServiceAwayError, KeyServiceError, ProtectionError
from producer.governance.governor import Governor, Verdict
from producer.governance.policy.words import Action
from producer.governance.protection.key_ring import KeyRing
from producer.governance.protection.opener import Opener
from producer.records import Record
from sim.gateway.core.enforcement import Decision, UnavailableError, Violation
from sim.gateway.core.questions import Asked, Buried, Intended

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.governance.governor import Ruling
    from producer.governance.policy.words import Policy
    from producer.wire.record_batch import BatchRecord
    from sim.gateway.core.enforcement import Client, Steps

T = TypeVar("T")

PRINCIPALS_MAX = 1_000
"""Whose keys are held; who was away for longest has to have them asked for again."""
LETTERS = DeadLetterPolicy()
"""How a topic's dead-letter topic is called."""


class Policing:
    """What a policy says, enforced on whoever comes by. Safe to use from many threads, as is what derives from it and answers questions."""

    def __init__(
        self,
        policy: Policy,
        *,
        draw: Callable[[int], bytes],
        now_us: Callable[[], int],
        now_ms: Callable[[], int],
        is_audited: bool,
    ) -> None:
        """`draw` gives random bytes, `now_us` time for the ages of keys, `now_ms` the calendar's, for dead letters."""
        self._policy = policy
        self._draw = draw
        self._now_us = now_us
        self._now_ms = now_ms
        self._is_audited = is_audited
        self._parties: OrderedDict[str, _Party] = OrderedDict()
        self._lock = Lock()

    def produced(self, client: Client, topic: str, partition: int, records: tuple[BatchRecord, ...]) -> Steps[Decision]:
        """Rule on each record; what the policy hides is hidden. A record for the dead letters lies there before its batch is refused."""
        party = self._party(client.principal)
        passed: list[BatchRecord] = []
        wrong: list[Violation] = []
        letters: list[Record] = []
        for number, one in enumerate(records):
            record = Record(topic, one.value, one.key, partition, one.headers, one.timestamp_ms)
            ruling = yield from party.ruling(record)
            if isinstance(ruling.error, KeyServiceAwayError):
                raise UnavailableError(str(ruling.error))
            if ruling.verdict is Verdict.PASSED and ruling.record is not None:
                made = ruling.record
                passed.append(one._replace(key=made.key, value=made.value, headers=made.headers))
                continue
            reasons = "; ".join(map(str, ruling.violations)) or str(ruling.error)
            if ruling.verdict is Verdict.DEAD_LETTERED:
                letter = self._letter(ruling, topic)
                letters.append(letter)
                reasons += f"; it lies in {letter.topic}"
            wrong.append(Violation(number, reasons))
        decision = Decision(records if wrong else tuple(passed), tuple(wrong))
        if letters:
            yield Buried(tuple(letters))
        if not self._is_audited:
            return decision
        ticket = yield Intended(client, topic, partition, decision)
        return decision._replace(ticket=ticket)

    def fetched(self, client: Client, topic: str, records: tuple[BatchRecord, ...]) -> Steps[tuple[BatchRecord, ...]]:
        """Decrypt what this client has a right to; the rest stays as it lies in the log."""
        party = self._party(client.principal)
        read: list[BatchRecord] = []
        for one in records:
            opened = yield from _read(party, topic, one)
            read.append(opened)
        return tuple(read)

    def forget(self) -> None:
        """Hold no key any more."""
        with self._lock:
            for party in self._parties.values():
                party.forget()
            self._parties.clear()

    def _letter(self, ruling: Ruling, topic: str) -> Record:
        assert ruling.record is not None, "a dead letter has a record"
        assert ruling.error is not None, "a dead letter has a reason"
        return dead_letter(ruling.record, ruling.error, to=LETTERS.topic_for(topic), failed_at_ms=self._now_ms())

    def _party(self, principal: str) -> _Party:
        with self._lock:
            party = self._parties.get(principal)
            if party is None:
                party = self._parties[principal] = _Party(self._policy, principal, self._draw, self._now_us)
                if len(self._parties) > PRINCIPALS_MAX:
                    _, oldest = self._parties.popitem(last=False)
                    oldest.forget()
            self._parties.move_to_end(principal)
            return party


def buries(policy: Policy) -> bool:
    """Whether a policy makes dead letters, so that somebody has to write them."""
    return any(topic.action is Action.DEAD_LETTER for topic in policy.topics)


class _Party:
    """Everybody who is one principal: the policy, with keys that this one has a right to."""

    def __init__(self, policy: Policy, principal: str, draw: Callable[[int], bytes], now_us: Callable[[], int]) -> None:
        writing = KeyRing(draw, age_us=policy.data_key_age_us, uses_max=policy.data_key_uses)
        self._reading = KeyRing(draw, age_us=policy.data_key_age_us)
        self._governor = Governor(policy, writing)
        self._opener = Opener(self._reading)
        self._principal = principal
        self._now_us = now_us
        self._lock = Lock()

    def ruling(self, record: Record) -> Steps[Ruling]:
        """Rule on a record on its way to the log. Raises UnavailableError."""
        return self._known(lambda: self._governor.ruling(record, self._now_us()), self._governor.keys)

    def opened(self, record: Record) -> Steps[Record]:
        """Decrypt a record on its way back. Raises KeyServiceError, ProtectionError, UnavailableError."""
        return self._known(lambda: self._opener.opened(record, self._now_us()), self._reading)

    def _known(self, use: Callable[[], T], keys: KeyRing) -> Steps[T]:
        def locked() -> T:
            with self._lock:
                return use()

        steps = asking(locked, keys, self._now_us)
        try:
            wanted = next(steps)
            while True:
                wanted = steps.send((yield Asked(self._principal, wanted)))
        except StopIteration as end:
            known: T = end.value
            return known
        except SchemaRegistryError as error:
            raise UnavailableError(str(error)) from error

    def forget(self) -> None:
        """Hold no key any more."""
        with self._lock:
            self._governor.keys.forget()
            self._reading.forget()


def _read(party: _Party, topic: str, one: BatchRecord) -> Steps[BatchRecord]:
    record = Record(topic, one.value, one.key, None, one.headers, one.timestamp_ms)
    try:
        opened = yield from party.opened(record)
    except KeyServiceAwayError as error:
        raise UnavailableError(str(error)) from error
    except (KeyServiceError, ProtectionError):
        # No right to it, or nothing that could be opened: it reads what everybody reads.
        return one
    if opened is record:
        return one
    return one._replace(key=opened.key, value=opened.value, headers=opened.headers)
