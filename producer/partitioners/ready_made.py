"""`partitioner.class`: the ready-made partitioners by their names, and those that an application brings."""

from __future__ import annotations

from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from producer.errors import ConfigError
from producer.partitioners import librdkafka
from producer.partitioners.partitioner import name_of
from producer.partitioners.round_robin import RoundRobinPartitioner
from producer.partitioners.salted import SaltedPartitioner

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from producer.partitioners.partitioner import Partitioner

PROPERTY = "partitioner.class"

PLAIN: dict[str, Callable[[], Partitioner]] = {"round_robin": RoundRobinPartitioner, **librdkafka.PARTITIONERS}
"""Those that need to know nothing: name -> how to make one."""
SALTED = "salted"
NAMES = (*PLAIN, SALTED)

JAVA_NAMES = {"org.apache.kafka.clients.producer.RoundRobinPartitioner": "round_robin"}
"""Kafka's own classes."""


def resolve(given: Any) -> Any:
    """Give what `make` takes: None for Kafka's default, a ready-made one's name, a class, or a partitioner.

    Text is a name, or `module:Class`. Raises ConfigError for anything that cannot be a partitioner.
    """
    if given is None or given == "":
        return None
    if isinstance(given, str):
        name = JAVA_NAMES.get(given, given)
        if name in NAMES:
            return name
        return _import(given)
    missing = [name for name in ("partition", "close") if not callable(getattr(given, name, None))]
    if missing:
        msg = f"{PROPERTY} is {given!r}, which has no method {' and no method '.join(missing)}"
        raise ConfigError(msg)
    return given


def make(resolved: Any, salts: Mapping[bytes, int]) -> Partitioner | None:
    """Make the partitioner anew, unless it is an object that the application made. Raises ConfigError."""
    if isinstance(resolved, str):
        return SaltedPartitioner(salts) if resolved == SALTED else PLAIN[resolved]()
    if not isinstance(resolved, type):
        given: Partitioner | None = resolved
        return given
    try:
        made: Partitioner = resolved()
    except Exception as error:
        msg = f"{PROPERTY} is {name_of(resolved)}, which cannot be made: {type(error).__name__}: {error}"
        raise ConfigError(msg) from error
    return made


def _import(path: str) -> Any:
    module, colon, name = path.partition(":")
    if not colon:
        msg = f"{PROPERTY} is {path!r}, must be one of {', '.join(NAMES)}, a 'module:Class', or a partitioner"
        raise ConfigError(msg)
    try:
        found = attrgetter(name)(import_module(module))
    except Exception as error:  # whatever the application's module raises while it is imported
        msg = f"{PROPERTY} is {path!r}: {type(error).__name__}: {error}"
        raise ConfigError(msg) from error
    if not isinstance(found, type):
        # An object would carry its state from one producer, or one simulated run, into the next.
        msg = f"{PROPERTY} is {path!r}, which is a {type(found).__name__}, must be a class"
        raise ConfigError(msg)
    return resolve(found)
