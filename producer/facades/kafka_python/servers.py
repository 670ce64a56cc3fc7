"""`bootstrap_servers` as kafka-python takes them: a host alone means Kafka's port, and an empty place means nothing."""

from __future__ import annotations

from collections.abc import Iterable

from producer.config.addresses import parse_address, written_address
from producer.errors import ConfigError

PORT = 9092


def read_servers(given: object) -> list[str]:
    """Read a text of servers, or several; give each as Kafka names it. Raises ConfigError for what is none."""
    texts = [given] if isinstance(given, str) else list(given) if isinstance(given, Iterable) else [given]
    names: list[str] = []
    for text in texts:
        if not isinstance(text, str):
            msg = f"bootstrap.servers has {text!r}, must be host:port"
            raise ConfigError(msg)
        names += [name.strip() for name in text.split(",")]
    return [written_address(*parse_address(name, port_default=PORT)) for name in names if name]
