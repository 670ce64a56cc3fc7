"""One connection of a case: requests, answers, and what of them is a step."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from tests.conformance.suite import codec

if TYPE_CHECKING:
    from tests.conformance.suite.context import Context

ANSWER_S_MAX = 8.0
SILENCE_S = 2.0
AGAIN_S = 0.05
CLIENT_ID = "conf"
CLOSED, SILENT, UNREADABLE = "connection closed", "no answer within 2 s", "unreadable answer"


class StopError(Exception):
    """The case cannot go on: an answer that it builds on did not come."""


class Answer(dict[str, Any]):
    """The fields of an answer; none, and an outcome, if there was no answer that can be read."""

    outcome: str | None = None

    def __missing__(self, key: str) -> Any:
        raise StopError(f"no field {key} ({self.outcome or 'answered'})")


class Conversation:
    """A connection, and the client behind it."""

    def __init__(self, context: Context, where: str, client_id: str | None = CLIENT_ID, label: str = "") -> None:
        self.context, self.client_id, self.label, self.where = context, client_id, label, where
        self.correlation = 0
        self._stream = context.wire.connect(where)
        self._buffer = b""

    # -- frames --------------------------------------------------------------------------------------------------------

    def put(self, data: bytes) -> None:
        self._stream.put(data)

    def frame(self, limit_s: float) -> bytes | str:
        """The next framed answer, or CLOSED or SILENT."""
        until_s = self.context.wire.now_s() + limit_s
        while True:
            if len(self._buffer) >= 4:
                size = struct.unpack_from(">i", self._buffer)[0]
                if len(self._buffer) >= 4 + size:
                    found, self._buffer = self._buffer[4 : 4 + size], self._buffer[4 + size :]
                    return found
            more = self._stream.take(until_s - self.context.wire.now_s())
            if more is None:
                return SILENT
            if not more:
                return CLOSED
            self._buffer += more

    def has_more(self, limit_s: float) -> bool:
        """Whether anything comes within that time; it stays to be read."""
        more = self._stream.take(limit_s)
        self._buffer += more or b""
        return more is not None

    # -- requests ------------------------------------------------------------------------------------------------------

    def post(self, api: str, version: int, **body: Any) -> Pending:
        """Send, and do not wait."""
        self.correlation += 1
        data = codec.encode(api, version, body, self.correlation, self.client_id)
        self.put(struct.pack(">i", len(data)) + data)
        return Pending(self, api, version, body, self.correlation)

    def quiet(self, api: str, version: int, _limit: float = ANSWER_S_MAX, **body: Any) -> Answer:
        """A request that is no step of the case; stops the case when there is no answer."""
        out, _ = self.post(api, version, **body).wait(_limit)
        if out.outcome:
            raise StopError(f"{api} v{version}: {out.outcome}")
        self.context.normal.apply(out)  # the ids in it are the server's
        return out

    def send(
        self,
        api: str,
        version: int,
        _note: str = "",
        _silent: bool = False,
        _retry: Iterable[int] = (),
        _pick: Callable[[Any], Any] | None = None,
        _limit: float = ANSWER_S_MAX,
        _hide: Iterable[str] = (),
        _until: Callable[[Any], bool] | None = None,
        **body: Any,
    ) -> Answer:
        """One step: send, wait, record. `_retry`: error codes anywhere in the answer that mean "ask again"."""
        retry, wire = frozenset(_retry), self.context.wire
        until_s = wire.now_s() + ANSWER_S_MAX
        while True:
            out, shown = self.post(api, version, **body).wait(SILENCE_S if _silent else _limit)
            is_early = _until is not None and not out.outcome and not _until(out)
            if not (retry & errors_in(out) or is_early) or wire.now_s() > until_s:
                break
            wire.sleep(AGAIN_S)
        self.context.record(self, api, version, body, out, shown, _note, _pick, frozenset(_hide))
        return out

    def raw(
        self,
        data: bytes,
        note: str,
        api: str | None = None,
        version: int = 0,
        framed: bool = True,
        limit: float = SILENCE_S,
    ) -> Answer:
        """One step: send these very bytes; an answer is decoded as api and version, if given."""
        self.put(struct.pack(">i", len(data)) + data if framed else data)
        out, shown = Pending(self, api, version, {}, None).wait(limit)
        self.context.record(self, api, version, {"raw": f"{len(data)} bytes"}, out, shown, note, None, frozenset())
        return out

    def probe(self, note: str = "is the connection still of use?") -> Answer:
        return self.send("api_versions", 0, _note=note, _silent=True, _hide=("api_keys",))

    def close(self) -> None:
        self._stream.close()


class Pending:
    """A request that was sent."""

    def __init__(
        self, conn: Conversation, api: str | None, version: int, body: dict[str, Any], correlation: int | None
    ) -> None:
        self.conn, self.api, self.version, self.body, self.correlation = conn, api, version, body, correlation

    def wait(self, limit: float) -> tuple[Answer, Any]:
        """Give the answer, and how it is shown."""
        frame = self.conn.frame(limit)
        out = Answer()
        if isinstance(frame, str):
            out.outcome = frame
            return out, frame
        if not frame:
            out.outcome = "answered"
            return out, "an empty frame"
        if len(frame) < 4:
            out.outcome = UNREADABLE
            return out, f"{UNREADABLE}: {frame.hex()}"
        got = struct.unpack_from(">i", frame)[0]
        if self.correlation is not None and got != self.correlation:
            out.outcome = UNREADABLE
            return out, f"{UNREADABLE}: correlation id {got} for {self.correlation}"
        if self.api is None:
            out.outcome = "answered"
            return out, f"{len(frame) - 4} bytes after the correlation id: {frame[4:24].hex()}"
        try:
            out.update(codec.decode(self.api, self.version, frame))
        except (codec.MalformedError, UnicodeDecodeError, struct.error) as problem:
            out.outcome = UNREADABLE
            return out, f"{UNREADABLE}: {problem}"
        return out, out

    def answer(
        self,
        note: str = "",
        limit: float = ANSWER_S_MAX,
        pick: Callable[[Any], Any] | None = None,
        silent: bool = False,
    ) -> Answer:
        """One step: the answer to what was posted."""
        out, shown = self.wait(SILENCE_S if silent else limit)
        self.conn.context.record(self.conn, self.api, self.version, self.body, out, shown, note, pick, frozenset())
        return out

    def nothing_yet(self, note: str, seconds: float = 0.3) -> None:
        """One step: there is no answer so far."""
        shown = "answered already" if self.conn.has_more(seconds) else "waiting"
        self.conn.context.record(self.conn, self.api, self.version, self.body, Answer(), shown, note, None, frozenset())


def errors_in(value: Any) -> frozenset[int]:
    """Every error code anywhere in an answer."""
    found: set[int] = set()
    if isinstance(value, dict):
        for key, one in value.items():
            if key in {"error_code", "partition_error_code"} and isinstance(one, int):
                found.add(one)
            else:
                found |= errors_in(one)
    elif isinstance(value, list):
        for one in value:
            found |= errors_in(one)
    return frozenset(found)
