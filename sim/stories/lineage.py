"""The lineage of a run: what its applications and readers would tell by OpenLineage run events, each life a run of its job."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from producer.governance.lineage.dataset import Dataset, Field, Job, topic
from producer.governance.lineage.run import LineageRun
from producer.governance.lineage.schema_fields import avro_fields, json_fields
from sim.clients.reader import CONSUMER
from sim.cluster.applications import life_of
from sim.judges.history import is_of_services
from sim.trace.events import (
    ApplicationKilled,
    ReaderBegan,
    RecordSent,
    RecordUnreadable,
    VersionDeployed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sim.stories.scenario import Scenario

NAMESPACE = "acklab"
_FIELDS: Mapping[str, Callable[[str], tuple[Field, ...]]] = {"AVRO": avro_fields, "JSON": json_fields}
"""How a schema's text tells its fields; whoever writes or reads by another tells none."""


def lineage_of(scenario: Scenario, seed: int, events: Iterable[Any]) -> list[dict[str, Any]]:
    """Give the run events of one run, in the order in which they would have been told.

    Who writes by a schema tells its fields, and who reads by one tells that it uses those. The consumer that reads everything back in
    the end is nobody's job, and the topics of brokers and registries are nobody's data. A life that was killed, and a reader
    that can make nothing of a record, end in FAIL.
    """
    told = _Told(scenario, seed)
    for event in events:
        told.take(event)
    return told.ended()


class _Told:
    def __init__(self, scenario: Scenario, seed: int) -> None:
        self._scenario = scenario
        self._seed = seed
        self._runs: dict[str, LineageRun] = {}
        self._fields: dict[str, tuple[Field, ...]] = {}
        """Client -> the fields of the schema by which its code writes, or reads."""
        self._reads: dict[str, str] = {}
        self._failed: dict[str, str] = {}
        self._now_us = 0
        self._events: list[dict[str, Any]] = []

    def take(self, event: Any) -> None:
        self._now_us = self._scenario.cluster.epoch_us + event.at_us
        match event:
            case VersionDeployed():
                make = _FIELDS.get(event.schema_type)
                self._fields[event.client] = () if make is None else make(event.schema)
                if event.client in self._reads:
                    self._reading(event.client)
            case ReaderBegan() if not event.client.startswith(CONSUMER) and not is_of_services(event.topic):
                self._reads[event.client] = event.topic
                self._reading(event.client)
            case RecordSent() if not is_of_services(event.topic):
                self._keep(self._run(event.client).writes(self._dataset(event.client, event.topic), self._now_us))
            case RecordUnreadable():
                self._failed.setdefault(event.client, type(event).__name__)
            case ApplicationKilled() if event.client in self._runs:
                self._failed.setdefault(event.client, type(event).__name__)
            case _:
                return

    def ended(self) -> list[dict[str, Any]]:
        for client, run in self._runs.items():
            error = self._failed.get(client)
            self._events.append(run.complete(self._now_us) if error is None else run.fail(self._now_us, error))
        return self._events

    def _reading(self, client: str) -> None:
        self._keep(self._run(client).reads(self._dataset(client, self._reads[client]), self._now_us))

    def _dataset(self, client: str, name: str) -> Dataset:
        host, port = self._scenario.cluster.advertised_of(1)
        return topic(f"{host}:{port}", name, self._fields.get(client, ()))

    def _run(self, client: str) -> LineageRun:
        run = self._runs.get(client)
        if run is None:
            named = f"{self._scenario.name}/{self._seed}/{client}"
            digest = blake2b(named.encode(), digest_size=16).hexdigest()
            # A UUID of version 8, whose bits are whoever makes it's own (RFC 9562): the same run has the same one.
            run_id = f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-a{digest[17:20]}-{digest[20:]}"
            run = self._runs[client] = LineageRun(Job(NAMESPACE, life_of(client)[0]), run_id)
        return run

    def _keep(self, event: dict[str, Any] | None) -> None:
        if event is not None:
            self._events.append(event)
