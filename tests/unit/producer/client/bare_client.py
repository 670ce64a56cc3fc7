"""A client with nobody on top of it, driven like an engine."""

from __future__ import annotations

import random

from producer.client.client import Client
from producer.client.settings import ClientSettings
from producer.commands import BearerToken, Command

SECOND_US = 1_000_000

SETTINGS = ClientSettings(
    client_id="bare",
    bootstrap=(("b1", 9092),),
    request_timeout_us=5 * SECOND_US,
    retry_backoff_us=100_000,
    retry_backoff_max_us=SECOND_US,
    reconnect_backoff_us=50_000,
    reconnect_backoff_max_us=SECOND_US,
    setup_timeout_us=10 * SECOND_US,
    setup_timeout_max_us=30 * SECOND_US,
    idle_max_us=540 * SECOND_US,
    metadata_age_max_us=300 * SECOND_US,
    metadata_idle_max_us=300 * SECOND_US,
    in_flight_max=5,
)


class BareClient:
    """Does what an owner of a client does, and nothing else."""

    def __init__(self, *, bootstrap: tuple[tuple[str, int], ...] = SETTINGS.bootstrap, now_us: int = 0) -> None:
        self.client = Client(SETTINGS._replace(bootstrap=bootstrap), chance=random.Random(5), now_us=now_us)
        self.deadline_us = now_us

    def connected(self, connection: int, now_us: int) -> None:
        self.client.connections.connected(connection, now_us)
        self.advance(now_us)

    def disconnected(self, connection: int, reason: str, now_us: int) -> None:
        self.client.connections.disconnected(connection, reason, now_us)
        self.advance(now_us)

    def refused(self, connection: int, reason: str, now_us: int) -> None:
        self.client.connections.refused(connection, reason, now_us)
        self.advance(now_us)

    def token_given(self, connection: int, token: BearerToken, now_us: int) -> None:
        self.client.connections.token_given(connection, token, now_us)
        self.advance(now_us)

    def written(self, connection: int, now_us: int) -> None:
        self.client.connections.written(connection, now_us)
        self.advance(now_us)

    def bytes_received(self, connection: int, data: bytes, now_us: int) -> None:
        self.client.connections.bytes_received(connection, data, now_us)
        self.advance(now_us)

    def timer_fired(self, now_us: int, seen_us: int | None = None) -> None:
        self.client.time_out(now_us, now_us if seen_us is None else seen_us)
        self.advance(now_us)

    def take_commands(self) -> list[Command]:
        return self.client.connections.take_commands()

    def advance(self, now_us: int) -> None:
        self.client.connections.tell(now_us)
        self.client.advance(now_us)
        self.deadline_us = self.client.deadline_us(now_us)
