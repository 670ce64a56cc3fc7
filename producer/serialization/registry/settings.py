"""Where a schema registry is, and how long it is waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from producer.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

MS_US = 1_000
S_US = 1_000_000


class Place(NamedTuple):
    """One registry, as its URL names it."""

    host: str
    port: int
    path: str
    """What stands before every path of the API, without a slash at its end."""
    is_encrypted: bool
    user_info: str
    """`user:password` for basic authentication; empty for none."""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'s' if self.is_encrypted else ''}://{host}:{self.port}{self.path}"

    def __repr__(self) -> str:
        """Leave the password out."""
        return f"Place({self})"


class RegistrySettings(NamedTuple):
    """The settings of one client (`io.confluent.kafka.schemaregistry.client.SchemaRegistryClientConfig`)."""

    places: tuple[Place, ...]
    """Registries of one cluster; whoever does not answer is passed over for the next one."""
    connect_timeout_us: int = 60_000 * MS_US
    read_timeout_us: int = 60_000 * MS_US
    """How long a request may go unanswered."""
    retries_max: int = 3
    """Attempts after the first."""
    backoff_us: int = 1_000 * MS_US
    """The pause once every registry was tried; it doubles."""
    backoff_us_max: int = 20_000 * MS_US


def places(urls: Iterable[str], *, user_info: str = "") -> tuple[Place, ...]:
    """Read `schema.registry.url`. Raises ConfigError naming what is wrong, never a password."""
    found = tuple(_place(url, user_info) for url in urls)
    if not found:
        raise ConfigError("schema.registry.url is empty, must be http://host:port, or several with commas between")
    if len({place.is_encrypted for place in found}) > 1:
        raise ConfigError("schema.registry.url has http and https, must be of one kind")
    return found


def _place(url: str, user_info: str) -> Place:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"schema.registry.url is {_without_secret(url)!r}: {error}") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ConfigError(
            f"schema.registry.url is {_without_secret(url)!r}, must be http://host:port or https://host:port"
        )
    within = f"{parts.username or ''}:{parts.password or ''}" if parts.username or parts.password else ""
    is_encrypted = parts.scheme == "https"
    return Place(
        parts.hostname,
        port or (443 if is_encrypted else 80),
        parts.path.rstrip("/"),
        is_encrypted,
        within or user_info,
    )


def _without_secret(url: str) -> str:
    before, at, rest = url.rpartition("@")
    return f"…@{rest}" if at and before else url
