"""Messages to bytes and back: each (message, version) is compiled when it is first used."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from producer.errors import UnsupportedVersionError
from producer.wire.api import ApiKey

if TYPE_CHECKING:
    from producer.wire.compiler.source import Source

_Message = TypeVar("_Message", bound=tuple[Any, ...])

_ENCODERS: dict[tuple[type[Any], int], Callable[[Any], bytes]] = {}
_DECODERS: dict[tuple[type[Any], int], Callable[[bytes], Any]] = {}
_KINDS = ("Request", "Response")
_API_KEYS = {key.title: key for key in ApiKey}


def encode(value: tuple[Any, ...], version: int) -> bytes:
    """Write the body of a request or response.

    Raises UsageError for what the version cannot say, UnsupportedVersionError for a version that is not declared.
    """
    encoder = _ENCODERS.get((type(value), version)) or _compile_encoder(type(value), version)
    return encoder(value)


def decode(message: type[_Message], body: bytes, version: int) -> _Message:
    """Read the body of a request or response, as Kafka does: what stands behind the last field is not looked at.

    Raises MalformedError for bytes that do not hold the message, UnsupportedVersionError for a version that is not
    declared.
    """
    decoder = _DECODERS.get((message, version)) or _compile_decoder(message, version)
    value: _Message = decoder(body)
    return value


def source_of(message: type[Any], version: int) -> str:
    """Give the Python source of both functions, as it is compiled."""
    return f"{_encoder_source(message, version).text}\n\n{_decoder_source(message, version).text}"


def _compile_encoder(message: type[Any], version: int) -> Callable[[Any], bytes]:
    source = _encoder_source(message, version)
    encoder = _ENCODERS[message, version] = source.run("encode", f"{message.__name__} {version}, encode")
    return encoder


def _compile_decoder(message: type[Any], version: int) -> Callable[[bytes], Any]:
    source = _decoder_source(message, version)
    decoder = _DECODERS[message, version] = source.run("decode", f"{message.__name__} {version}, decode")
    return decoder


def _encoder_source(message: type[Any], version: int) -> Source:
    # The compiler is loaded by the first message, not by whoever imports this.
    from producer.wire.compiler.encoder import write_encoder

    return _source(write_encoder, message, version)


def _decoder_source(message: type[Any], version: int) -> Source:
    from producer.wire.compiler.decoder import write_decoder

    return _source(write_decoder, message, version)


def _source(write: Callable[..., Source], message: type[Any], version: int) -> Source:
    api_key, kind = _declared(message)
    if not api_key.versions.lowest <= version <= api_key.versions.highest:
        raise UnsupportedVersionError(f"{api_key.name} version {version}, this codec speaks {api_key.versions}")
    title = f"{api_key.name} {kind} version {version}"
    return write(message, version, is_flexible=version >= api_key.flexible_since, title=title)


def _declared(message: type[Any]) -> tuple[ApiKey, str]:
    """Give the API of a message, and whether it is the "request" or the "response"."""
    for kind in _KINDS:
        api_key = _API_KEYS.get(message.__name__.removesuffix(kind))
        if api_key is not None and message.__name__.endswith(kind):
            return api_key, kind.lower()
    raise TypeError(f"{message.__name__} is no message")
