"""One life behind a policy: each record is ruled on before it is sent, and the key service is asked over the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from producer.dead_letters.letter import dead_letter
from producer.errors import ConfigError, SchemaRegistryError, UsageError
from producer.governance.asking import asking
from producer.governance.errors import KeyServiceError
from producer.governance.governor import Governor, Ruling, Verdict
from producer.governance.policy.file import policy_of
from producer.governance.protection.key_ring import KeyRing
from producer.governance.protection.key_service import MaskKey, NewDataKey, UnwrapDataKey
from sim.key_service.host import drawn
from sim.key_service.way import KeyServiceWay
from sim.trace.events import RecordGoverned

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    import simpy

    from producer.governance.asking import Told
    from producer.governance.policy.words import Policy
    from producer.records import Record
    from sim.cluster.cluster import Cluster
    from sim.world.network import Host


class Governed(NamedTuple):
    """What is sent in a record's place."""

    record: Record
    is_dead_letter: bool


def read(said: Mapping[str, Any], whose: str) -> Policy:
    """Read an application's policy. Raises ConfigError: it is wrong, or what reads it is not installed."""
    try:
        return policy_of(said)
    except UsageError as error:
        raise ConfigError(f"{whose}'s policy: {error}") from error


class LifeGovernor:
    """It holds its keys as long as the life lasts."""

    def __init__(self, cluster: Cluster, client: str, host: Host, policy: Policy, *, has_service: bool) -> None:
        """`client` is the life, and `host` where it is. Without a key service no key can be had."""
        self._world = cluster.world
        self._emit = cluster.trace.emit
        self._epoch_us = cluster.epoch_us
        self._client = client
        chance = drawn(cluster.world.chance(f"governance/{client}"))
        self._ring = KeyRing(chance, age_us=policy.data_key_age_us, uses_max=policy.data_key_uses)
        self._governor = Governor(policy, self._ring)
        self._way = KeyServiceWay(cluster, client, host) if has_service else None

    def governed(self, record: Record, number: int) -> Generator[simpy.Event, Any, Governed | None]:
        """Rule on a record; None where nothing of it is sent: its application was told why."""
        ruling = yield from self._ruling(record)
        violations = "; ".join(map(str, ruling.violations))
        error = "" if ruling.error is None else str(ruling.error)
        now_us = self._world.now_us
        told = RecordGoverned(
            now_us, self._client, number, record.topic, ruling.verdict.value, violations, ruling.is_plain, error
        )
        self._emit(told)
        if ruling.record is None:
            return None
        if ruling.verdict is Verdict.PASSED:
            return Governed(ruling.record, is_dead_letter=False)
        assert ruling.error is not None, "a dead letter has a reason"
        at_ms = (self._epoch_us + now_us) // 1_000
        letter = dead_letter(ruling.record, ruling.error, to=f"{record.topic}.dead", failed_at_ms=at_ms)
        return Governed(letter, is_dead_letter=True)

    def _ruling(self, record: Record) -> Generator[simpy.Event, Any, Ruling]:
        world = self._world
        steps = asking(lambda: self._governor.ruling(record, world.now_us), self._ring, lambda: world.now_us)
        try:
            wanted = next(steps)
            while True:
                if not isinstance(wanted, (NewDataKey, UnwrapDataKey, MaskKey)):
                    # A value that begins as one by a schema does.
                    unasked = SchemaRegistryError("a value's schema", detail="a story's policy asks no registry")
                    return Ruling(Verdict.REFUSED, None, (), unasked)
                told: Told = KeyServiceError(str(wanted), "there is no key service")
                if self._way is not None:
                    told = yield from self._way.ask(wanted)
                wanted = steps.send(told)
        except StopIteration as end:
            ruling: Ruling = end.value
            return ruling
