"""The words in which consumers speak to each other inside the classic protocol (ConsumerProtocol): subscriptions, assignments.

The coordinator reads and writes them only for groups in which members of both protocols meet.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.errors import MalformedError
from producer.wire.compiler.decoder import write_decoder
from producer.wire.compiler.encoder import write_encoder
from sim.cluster.coordinators.groups.consumer_protocol_messages import (
    ConsumerProtocolAssignment,
    ConsumerProtocolSubscription,
    TopicPartitions,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_VERSION = Struct(">h")
_HIGHEST = 3


class Placed(NamedTuple):
    """Partitions of one topic, by its name."""

    topic: str
    partitions: tuple[int, ...]


def read_subscription(data: bytes) -> ConsumerProtocolSubscription:
    """Read what a member reads and owns. Raises MalformedError."""
    subscription: ConsumerProtocolSubscription = _read(ConsumerProtocolSubscription, data)
    return subscription


def read_assignment(data: bytes) -> ConsumerProtocolAssignment:
    """Read what a member was given. Raises MalformedError."""
    assignment: ConsumerProtocolAssignment = _read(ConsumerProtocolAssignment, data)
    return assignment


def write_subscription(topics: tuple[str, ...], version: int) -> bytes:
    """Write what a member reads, for one that has nothing, in the version in which it speaks."""
    spoken = min(version, _HIGHEST)
    return _VERSION.pack(spoken) + _encoder(ConsumerProtocolSubscription, spoken)(ConsumerProtocolSubscription(topics))


def write_assignment(placed: Iterable[Placed], version: int) -> bytes:
    """Write what a member is given, in the version in which it speaks."""
    spoken = min(version, _HIGHEST)
    message = ConsumerProtocolAssignment(tuple([TopicPartitions(*one) for one in placed]), None)
    return _VERSION.pack(spoken) + _encoder(ConsumerProtocolAssignment, spoken)(message)


def version_of(data: bytes) -> int:
    """Read in which version something is written. Raises MalformedError."""
    if len(data) < _VERSION.size:
        msg = f"{len(data)} bytes of the consumers' protocol say no version"
        raise MalformedError(msg)
    version: int = _VERSION.unpack_from(data)[0]
    if version < 0:
        msg = f"version {version} of the consumers' protocol"
        raise MalformedError(msg)
    return version


def _read(message: type[Any], data: bytes) -> Any:
    # Who speaks a later version says first what this one says.
    version = min(version_of(data), _HIGHEST)
    return _decoder(message, version)(data[_VERSION.size :])


_encoders: dict[tuple[type[Any], int], Callable[[Any], bytes]] = {}
_decoders: dict[tuple[type[Any], int], Callable[[bytes], Any]] = {}


def _encoder(message: type[Any], version: int) -> Callable[[Any], bytes]:
    encoder = _encoders.get((message, version))
    if encoder is None:
        title = f"{message.__name__} {version}"
        source = write_encoder(message, version, is_flexible=False, title=title)
        encoder = _encoders[message, version] = source.run("encode", f"{title}, encode")
    return encoder


def _decoder(message: type[Any], version: int) -> Callable[[bytes], Any]:
    decoder = _decoders.get((message, version))
    if decoder is None:
        title = f"{message.__name__} {version}"
        source = write_decoder(message, version, is_flexible=False, title=title)
        decoder = _decoders[message, version] = source.run("decode", f"{title}, decode")
    return decoder
