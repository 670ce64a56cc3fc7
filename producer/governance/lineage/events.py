"""OpenLineage run events as JSON objects, by its public specification (2-0-2; its facets SchemaDataset, ColumnLineageDataset, ErrorMessageRun)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from producer.governance.lineage.dataset import Dataset, Field, Job

PRODUCER = "https://github.com/acklab/acklab"
"""Who makes the events: OpenLineage wants a URI."""
_SPEC = "https://openlineage.io/spec"
SCHEMA_URL = f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
_SCHEMA_FACET = f"{_SPEC}/facets/1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet"
_COLUMNS_FACET = f"{_SPEC}/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet"
_ERROR_FACET = f"{_SPEC}/facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class EventType(StrEnum):
    """Where a run is."""

    START = "START"
    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    ABORT = "ABORT"
    FAIL = "FAIL"
    OTHER = "OTHER"


def run_event(
    kind: EventType,
    epoch_us: int,
    run_id: str,
    job: Job,
    *,
    inputs: Sequence[Dataset] = (),
    outputs: Sequence[Dataset] = (),
    error: str | None = None,
) -> dict[str, Any]:
    """Make an event. `epoch_us` counts microseconds since 1970, `run_id` is a UUID, `error` the name of what went wrong."""
    facets: dict[str, Any] = {}
    if error is not None:
        facets["errorMessage"] = _facet(_ERROR_FACET, message=error, programmingLanguage="PYTHON")
    return {
        "eventType": kind.value,
        "eventTime": (_EPOCH + timedelta(microseconds=epoch_us)).isoformat(timespec="microseconds"),
        "run": {"runId": run_id, "facets": facets},
        "job": {"namespace": job.namespace, "name": job.name, "facets": {}},
        "inputs": [_dataset(one) for one in inputs],
        "outputs": [_dataset(one) for one in outputs],
        "producer": PRODUCER,
        "schemaURL": SCHEMA_URL,
    }


def _dataset(one: Dataset) -> dict[str, Any]:
    facets: dict[str, Any] = {}
    if one.fields:
        facets["schema"] = _facet(_SCHEMA_FACET, fields=[_field(field) for field in one.fields])
    if one.made_of:
        columns = {name: {"inputFields": [of._asdict() for of in made]} for name, made in one.made_of.items()}
        facets["columnLineage"] = _facet(_COLUMNS_FACET, fields=columns)
    return {"namespace": one.namespace, "name": one.name, "facets": facets}


def _field(field: Field) -> dict[str, str]:
    return {"name": field.name, "type": field.type} if field.type else {"name": field.name}


def _facet(url: str, **said: Any) -> dict[str, Any]:
    return {"_producer": PRODUCER, "_schemaURL": url, **said}
