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

FRESH = 4
"""One in so many inputs is made of what a target was started with, and not of what reached something new."""
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


def begun_with(kept: bytes, chance: int, whole: list[bytes]) -> bytes:
    """Give what the next input is made of: what was kept, or now and then one of the seeds, so that no API is left out.

    All decoders share their branches: who is guided by these alone soon forgets a request that takes no new one.
    """
    number, is_kept = divmod(chance, FRESH)
    return kept if is_kept else whole[number % len(whole)]
