"""A machine that does what the test says, and notes what it hears."""

from __future__ import annotations

from collections.abc import Callable

from producer.commands import BearerToken, Command

NEVER_US = 2**62
WAIT_S = 60
LARGE = bytes(range(256)) * 40_000


class Notes:
    """What a driver drives, with no mind of its own."""

    def __init__(self, *commands: Command) -> None:
        self.deadline_us = NEVER_US
        self.commands = list(commands)
        self.heard: list[tuple[str, int, object]] = []
        self.fails_on: str | None = None
        self.when_given: Callable[[], object] | None = None
        """Called once, when the next bytes come in."""

    @property
    def words(self) -> list[str]:
        return [word for word, _, _ in self.heard]

    @property
    def received(self) -> bytes:
        return b"".join(data for _, _, data in self.heard if isinstance(data, bytes))

    def connected(self, connection: int, now_us: int) -> None:
        self._note("connected", connection, None)

    def disconnected(self, connection: int, reason: str, now_us: int) -> None:
        self._note("disconnected", connection, reason)

    def refused(self, connection: int, reason: str, now_us: int) -> None:
        self._note("refused", connection, reason)

    def token_given(self, connection: int, token: BearerToken, now_us: int) -> None:
        self._note("token", connection, token)

    def written(self, connection: int, now_us: int) -> None:
        self._note("written", connection, None)

    def bytes_received(self, connection: int, data: bytes, now_us: int) -> None:
        self._note("bytes", connection, data)
        when_given, self.when_given = self.when_given, None
        if when_given is not None:
            when_given()

    def timer_fired(self, now_us: int, seen_us: int | None = None) -> None:
        """Times out, as a machine does, what was over when the sockets were looked at."""
        assert seen_us is not None
        if seen_us >= self.deadline_us:
            self._note("timer", 0, None)
            self.deadline_us = NEVER_US

    def take_commands(self) -> list[Command]:
        commands, self.commands = self.commands, []
        return commands

    def _note(self, word: str, connection: int, what: object) -> None:
        self.heard.append((word, connection, what))
        if word == self.fails_on:
            raise AssertionError("a planted bug")
