"""What a target is started with: whole requests and batches, from which the nonsense is made."""

from __future__ import annotations

from functools import cache

from producer.wire import api
from producer.wire.codec import encode
from producer.wire.compression import Codec, compress
from producer.wire.frames import frame
from producer.wire.record_batch import encode_batch
from tests.fuzz.sound import sound
from tests.fuzz.targets import SPOKEN, chosen

RECORDS = [(b"key", b"value" * 20, (("header", b"x"), ("null", None)), 1_000), (None, None, (), 1_001)]


@cache
def seeds(target: str) -> list[bytes]:
    """Give the inputs."""
    match target:
        case "decoders" | "brokers":
            return [chosen(key, version, encode(sound(key, version), version)) for key, version in SPOKEN]
        case "headers":
            return [api.encode_request(key, version, 7, "me", b"body")[4:] for key, version in SPOKEN]
        case "frames":
            return [b"".join(frame(bytes(size)) for size in sizes) for sizes in ((0,), (5, 0, 300), (1, 1, 1))]
        case "batches":
            return [
                encode_batch(RECORDS, codec=codec, producer_id=5, producer_epoch=0, base_sequence=3) for codec in Codec
            ]
        case "compression":
            return [bytes([codec]) + compress(codec, b"some text, again and again, " * 50) for codec in Codec]
        case _:
            raise ValueError(target)
