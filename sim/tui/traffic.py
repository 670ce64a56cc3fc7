"""Every request and response of a run, as bytes. A trace does not hold them: the run is made again, which gives the same ones, and listened to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.errors import MalformedError
from producer.wire.annotated import Annotated, annotated_request, annotated_response
from producer.wire.api import ApiKey, decode_request_header, read_correlation_id
from producer.wire.frames import FrameReader, frame
from sim.stories.runner import run

if TYPE_CHECKING:
    from sim.stories.planted import PlantedBug
    from sim.stories.scenario import Scenario
    from sim.stories.workload import KeyValue
    from sim.world.network.stream import Peer

REPLAYED_MAX = 100_000
"""A run of more events is not made again while somebody waits at a screen."""


class Frame(NamedTuple):
    """One request or response, as its sender's process wrote it."""

    event: int
    """How many events were over when it left."""
    client: str
    """The host of whoever opened the connection."""
    connection: int
    is_request: bool
    api_key: int
    version: int
    correlation_id: int
    framed: bytes
    """With its length before it."""

    @property
    def api(self) -> str:
        return ApiKey(self.api_key).title

    @property
    def fields(self) -> Annotated:
        """Read it field by field. Raises MalformedError."""
        if self.is_request:
            return annotated_request(self.framed)
        return annotated_response(self.framed, self.api_key, self.version)


class Traffic(NamedTuple):
    """All of a run's."""

    how: str
    """Where the bytes come from; or why there are none."""
    frames: tuple[Frame, ...] = ()
    """In the order in which they left."""

    def near(self, event: Any, index: int) -> int | None:
        """Give the place of the frame that an event is about: its own request, its answer; else the last one before it, of its client if it has one."""
        if not self.frames:
            return None
        names = event._fields
        if "correlation_id" in names and "connection" in names:
            wanted = (event.client, event.connection, event.correlation_id)
            is_answer = type(event).__name__ in _ANSWERS
            own = [
                place
                for place, one in enumerate(self.frames)
                if (one.client, one.connection, one.correlation_id) == wanted
            ]
            fitting = [place for place in own if self.frames[place].is_request != is_answer] or own
            if fitting:
                return fitting[0]
        behind = bisect_right(self.frames, index + 1, key=lambda one: one.event)
        client = event.client if "client" in names else None
        for place in range(behind - 1, -1, -1):
            if client is None or self.frames[place].client == client:
                return place
        return max(behind - 1, 0)


_ANSWERS = frozenset({"ResponseSent", "ResponseDropped"})


class _Ear:
    """Puts what streams carry together to frames."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self._readers: dict[tuple[str, int, bool], FrameReader | None] = {}
        self._asked: dict[tuple[str, int, int], tuple[int, int]] = {}
        """(client, connection, correlation id) -> API and version, which a response does not say."""

    def hear(self, event: int, opener: Peer, is_from_opener: bool, data: bytes) -> None:
        """Take what one end of a stream sent."""
        key = (opener.host, opener.connection, is_from_opener)
        reader = self._readers.setdefault(key, FrameReader())
        if reader is None:
            return
        try:
            for payload in reader.feed(data):
                self._whole(event, opener, payload, is_request=is_from_opener)
        except MalformedError:
            # Another protocol is spoken there: a schema registry's.
            self._readers[key] = None

    def _whole(self, event: int, opener: Peer, payload: bytes, *, is_request: bool) -> None:
        if is_request:
            header, _ = decode_request_header(payload)
            asked = (header.api_key, header.api_version)
            number = header.correlation_id
            ApiKey(header.api_key)
            self._asked[opener.host, opener.connection, number] = asked
        else:
            number = read_correlation_id(payload)
            known = self._asked.get((opener.host, opener.connection, number))
            if known is None:
                return
            asked = known
        self.frames.append(Frame(event, opener.host, opener.connection, is_request, *asked, number, frame(payload)))


def traffic_of(
    scenario: Scenario | None,
    seed: int,
    events: Sequence[Any],
    *,
    records: Sequence[KeyValue] | None,
    records_of: str,
    mutant: PlantedBug | None,
) -> Traffic:
    """Make the run again that gave these events, and listen; without its scenario, or where it is too long, say why there is nothing."""
    if scenario is None:
        return Traffic("a trace holds no bytes, and without its scenario the run cannot be made again")
    if len(events) > REPLAYED_MAX:
        return Traffic(f"a trace holds no bytes, and a run of more than {REPLAYED_MAX} events is not made again here")
    ear = _Ear()
    report = run(scenario, seed, records=records, records_of=records_of, mutant=mutant, listener=ear.hear)
    if not _is_beginning(events, report.trace.events):
        return Traffic("a trace holds no bytes, and the run made again is another one: its scenario has changed")
    return Traffic("from the run made again, event by event the same: a trace holds no bytes", tuple(ear.frames))


def _is_beginning(events: Sequence[Any], of: Sequence[Any]) -> bool:
    """Whether the events are those of a run, or its beginning: of one that goes on, as long as somebody looks."""
    return len(events) <= len(of) and all(
        type(one) is type(other) and one == other for one, other in zip(events, of, strict=False)
    )
