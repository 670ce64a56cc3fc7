"""The client of a schema registry, for any driver of `producer.commands.Driven`: calls in, answers out, time as an argument.

One call is under way at a time, on one connection, which is kept. Who does not answer in time, cannot be reached, talks
nonsense or says that it cannot answer now is passed over for the next registry; once all were tried, a pause comes first.
"""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.commands import Connect, Disconnect, Write
from producer.errors import MalformedError, SchemaRegistryError
from producer.serialization.registry.exchange import Answer, Exchange

if TYPE_CHECKING:
    from producer.commands import BearerToken, Command
    from producer.serialization.registry.calls import Call
    from producer.serialization.registry.settings import Place, RegistrySettings

NEVER_US = 1 << 62
RETRIABLE = frozenset((408, 429, 500, 502, 503, 504))
"""Statuses that may be others a moment later, or elsewhere."""


class ClientState(Enum):
    """What the one connection is at."""

    CLOSED = "there is none"
    CONNECTING = "it was asked for, for a call that waits"
    IDLE = "it is up, and nothing is asked"
    ASKED = "a call waits for its answer"
    PAUSING = "there is none, and a call waits for the end of a pause"


class Answered(NamedTuple):
    """What became of one call."""

    number: int
    told: Any
    """The JSON of its answer, or a SchemaRegistryError."""


class _Asked(NamedTuple):
    number: int
    call: Call
    attempts: int = 0
    """That failed."""


class RegistryClient:
    """Asks one cluster of registries. Call `take_commands` after every other call, and `take_answers`."""

    def __init__(self, settings: RegistrySettings) -> None:
        self._settings = settings
        self._waiting: deque[_Asked] = deque()
        """The first is the one that is under way."""
        self._place_index = 0
        self._state = ClientState.CLOSED
        self._connection = 0
        """The number of the one that there is, or was last."""
        self._exchange = Exchange(self._place)
        self._commands: list[Command] = []
        self._answers: list[Answered] = []
        self._count = 0
        self.deadline_us = NEVER_US

    @property
    def _place(self) -> Place:
        return self._settings.places[self._place_index]

    # -- what its owner calls ----------------------------------------------------------------------------------------

    def ask(self, call: Call, now_us: int) -> int:
        """Ask. Gives the number that comes back with the answer, exactly once."""
        self._count += 1
        self._waiting.append(_Asked(self._count, call))
        if len(self._waiting) == 1:
            self._begin(now_us)
        return self._count

    def forget(self, number: int, now_us: int) -> None:
        """Nobody waits for this answer any more."""
        if self._waiting and self._waiting[0].number == number:
            self._disconnect()
            self._waiting.popleft()
            self._begin(now_us)
        else:
            self._waiting = deque(one for one in self._waiting if one.number != number)

    def close(self) -> None:
        """End the connection; whoever still waits hears nothing."""
        self._waiting.clear()
        self._disconnect()

    def take_answers(self) -> list[Answered]:
        """Take what was answered, in order."""
        answers, self._answers = self._answers, []
        return answers

    def take_commands(self) -> list[Command]:
        """Take what is to be done, in order."""
        commands, self._commands = self._commands, []
        return commands

    # -- what a driver reports ---------------------------------------------------------------------------------------

    def connected(self, connection: int, now_us: int) -> None:
        """The connection is up."""
        if connection == self._connection and self._state is ClientState.CONNECTING:
            self._state = ClientState.IDLE
            self._begin(now_us)

    def disconnected(self, connection: int, reason: str, now_us: int) -> None:
        """The connection could not be had, or ended."""
        if connection != self._connection or self._state in {ClientState.CLOSED, ClientState.PAUSING}:
            return
        state, exchange = self._state, self._exchange
        self._state, self.deadline_us = ClientState.CLOSED, NEVER_US
        if state is ClientState.IDLE:
            return
        if state is ClientState.ASKED:
            try:
                answer = exchange.received(b"")
            except MalformedError:
                answer = None
            if answer is not None:
                self._take(answer, now_us)
                return
            if exchange.was_used:
                # It was ended while nobody looked, and the request met nobody: that says nothing of the registry.
                self._begin(now_us)
                return
        self._fail(reason, now_us)

    def refused(self, connection: int, reason: str, now_us: int) -> None:
        """The two sides do not trust each other."""
        self.disconnected(connection, reason, now_us)

    def bytes_received(self, connection: int, data: bytes, now_us: int) -> None:
        """Bytes came in."""
        if connection != self._connection or self._state is ClientState.CLOSED:
            return
        try:
            answer = self._exchange.received(data)
        except MalformedError as error:
            self._disconnect()
            if self._waiting:
                self._fail(str(error), now_us)
            return
        if answer is not None and self._state is ClientState.ASKED:
            self._state, self.deadline_us = ClientState.IDLE, NEVER_US
            if not self._exchange.may_go_on:
                self._disconnect()
            self._take(answer, now_us)

    def timer_fired(self, now_us: int, seen_us: int | None = None) -> None:
        """Time has come."""
        if self.deadline_us > (now_us if seen_us is None else seen_us):
            return
        if self._state is ClientState.PAUSING:
            self._state, self.deadline_us = ClientState.CLOSED, NEVER_US
            self._begin(now_us)
            return
        settings = self._settings
        limit_us, what = (
            (settings.connect_timeout_us, "no connection")
            if self._state is ClientState.CONNECTING
            else (settings.read_timeout_us, "no answer")
        )
        self._disconnect()
        self._fail(f"{what} within {limit_us / 1e6:g} s", now_us)

    def written(self, connection: int, now_us: int) -> None:
        """Nothing that is written here is reported."""

    def token_given(self, connection: int, token: BearerToken, now_us: int) -> None:
        """No token is asked for here."""

    # -- inside ------------------------------------------------------------------------------------------------------

    def _begin(self, now_us: int) -> None:
        """See to it that the first call in the queue is under way."""
        if not self._waiting:
            return
        if self._state is ClientState.IDLE:
            self._state, self.deadline_us = ClientState.ASKED, now_us + self._settings.read_timeout_us
            self._commands.append(Write(self._connection, self._exchange.request(self._waiting[0].call)))
        elif self._state is ClientState.CLOSED:
            self._connection += 1
            self._exchange = Exchange(self._place)
            self._state, self.deadline_us = ClientState.CONNECTING, now_us + self._settings.connect_timeout_us
            self._commands.append(Connect(self._connection, self._place.host, self._place.port))

    def _disconnect(self) -> None:
        if self._state not in {ClientState.CLOSED, ClientState.PAUSING}:
            self._commands.append(Disconnect(self._connection, is_patient=False))
        self._state, self.deadline_us = ClientState.CLOSED, NEVER_US

    def _take(self, answer: Answer, now_us: int) -> None:
        if answer.status in RETRIABLE and self._waiting[0].attempts < self._settings.retries_max:
            self._disconnect()
            self._fail(f"HTTP {answer.status}", now_us)
            return
        asked = self._waiting.popleft()
        told = answer.told if 200 <= answer.status < 300 else self._refusal(asked.call, answer)
        self._answers.append(Answered(asked.number, told))
        self._begin(now_us)

    def _fail(self, reason: str, now_us: int) -> None:
        """Try elsewhere, later, or no more."""
        asked = self._waiting.popleft()
        place = self._place
        self._place_index = (self._place_index + 1) % len(self._settings.places)
        attempts = asked.attempts + 1
        if attempts > self._settings.retries_max:
            error = SchemaRegistryError(f"{asked.call} at {place}", detail=reason)
            self._answers.append(Answered(asked.number, error))
            self._begin(now_us)
            return
        self._waiting.appendleft(asked._replace(attempts=attempts))
        rounds, is_amid = divmod(attempts, len(self._settings.places))
        if is_amid:
            self._begin(now_us)
            return
        # A shift by more would only be cut.
        pause_us = min(self._settings.backoff_us << min(rounds - 1, 30), self._settings.backoff_us_max)
        self._state, self.deadline_us = ClientState.PAUSING, now_us + pause_us

    def _refusal(self, call: Call, answer: Answer) -> SchemaRegistryError:
        told = answer.told if isinstance(answer.told, dict) else {}
        code, words = told.get("error_code"), told.get("message")
        return SchemaRegistryError(
            str(call),
            status=answer.status,
            error_code=code if isinstance(code, int) and not isinstance(code, bool) else 0,
            detail=words[:MESSAGE_CHARACTERS_MAX] if isinstance(words, str) else "",
        )


MESSAGE_CHARACTERS_MAX = 4_000
"""A registry's words are cut here: an incompatibility may list a thousand fields."""
