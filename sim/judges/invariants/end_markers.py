"""What a marker says, read once: invariants come by the same bytes after every event of a run."""

from __future__ import annotations

from functools import lru_cache

from producer.wire.end_markers import EndMarker, read_end_marker

MARKERS_KEPT = 4096
"""Some hundred bytes each, and more than the logs of a run hold."""


@lru_cache(MARKERS_KEPT)
def end_marker_in(batch: bytes) -> EndMarker | None:
    """As `read_end_marker`; who raises is asked again."""
    return read_end_marker(batch)
