"""What is fuzzed: each function takes any bytes at all, and raises nothing unless there is a bug of ours.

A test draws the bytes (Hypothesis), or `python -m tests.fuzz` does for hours, guided by what they reach (atheris).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from producer.errors import MalformedError
from producer.wire import api
from producer.wire.api import SUPPORTED, ApiKey
from producer.wire.codec import decode
from producer.wire.compression import Codec, decompress
from producer.wire.frames import FrameReader
from producer.wire.record_batch import BATCH_OVERHEAD, computed_crc, decode_records, encode_batch, split_batches
from sim.cluster.broker.handlers import HANDLERS
from sim.cluster.broker.record_walk import walk
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import HandlerFailed
from tests.unit.sim.raw_client import Lab

SPOKEN = [
    (ApiKey(key), version)
    for key in HANDLERS
    for version in range(SUPPORTED[ApiKey(key)].lowest, SUPPORTED[ApiKey(key)].highest + 1)
]
"""Every request that a broker answers. The first two bytes of an input choose one."""
FRAME_BYTES_MAX = 4_096
UNPACKED_BYTES_MAX = 1 << 20
INPUTS_OF_A_LAB_MAX = 2_000
"""Then a cluster has seen enough topics and groups of nonsense."""
SETTLING_S = 0.02


def chosen(key: ApiKey, version: int, body: bytes) -> bytes:
    """Give the input that is this request."""
    return SPOKEN.index((key, version)).to_bytes(2) + body


def decoders(data: bytes) -> None:
    """A request's body is a message or malformed, and so is an answer's."""
    key, version = SPOKEN[int.from_bytes(data[:2]) % len(SPOKEN)]
    for kind in ("request", "response"):
        with suppress(MalformedError):
            decode(key.message(kind), data[2:], version)


def headers(data: bytes) -> None:
    """What stands before a body is a header or malformed."""
    with suppress(MalformedError):
        header, position = api.decode_request_header(data)
        assert 10 <= position <= len(data)
        assert (header.api_key, header.api_version) == (
            int.from_bytes(data[:2], signed=True),
            int.from_bytes(data[2:4], signed=True),
        )


def frames(data: bytes) -> None:
    """A stream holds the same frames, or the same nonsense, however it is cut."""
    assert _frames(data, len(data)) == _frames(data, 1) == _frames(data, 7)


def _frames(data: bytes, step: int) -> tuple[list[bytes], bool]:
    """Give the whole frames, and whether nonsense follows them."""
    reader = FrameReader(FRAME_BYTES_MAX)
    found: list[bytes] = []
    for start in range(0, len(data), max(step, 1)):
        assert reader.held_bytes <= FRAME_BYTES_MAX + 4 or reader.is_malformed
        try:
            found += reader.feed(data[start : start + step])
        except MalformedError:
            return found, True
    return found, reader.is_malformed


def batches(data: bytes) -> None:
    """A batch is records or malformed; with a right length and checksum as well, so that what lies behind is reached."""
    with suppress(MalformedError):
        split_batches(data, allow_partial=True)
    with suppress(MalformedError):
        decode_records(data, UNPACKED_BYTES_MAX)
    if len(data) < BATCH_OVERHEAD:
        data = encode_batch([(None, b"", (), 0)])[:BATCH_OVERHEAD] + data
    sealed = bytearray(data)
    sealed[8:12] = (len(sealed) - 12).to_bytes(4)
    sealed[16] = 2
    sealed[17:21] = computed_crc(sealed).to_bytes(4)
    count = int.from_bytes(sealed[57:61], signed=True)
    with suppress(MalformedError):
        records = decode_records(bytes(sealed), UNPACKED_BYTES_MAX)
        assert len(records) == count
    with suppress(MalformedError):
        walk(bytes(sealed[BATCH_OVERHEAD:]), count)


def compression(data: bytes) -> None:
    """What a codec unpacks is within its bound, or malformed. The first byte chooses the codec."""
    codec = Codec(data[0] % len(Codec) if data else 0)
    with suppress(MalformedError):
        assert len(decompress(codec, data[1:], UNPACKED_BYTES_MAX)) <= UNPACKED_BYTES_MAX


class Brokers:
    """A simulated cluster that answers whatever it is asked, or ends the connection, and whose brokers never fail."""

    def __init__(self) -> None:
        self._left = 0
        self._lab: Lab
        self._failed: list[HandlerFailed] = []

    def __call__(self, data: bytes) -> None:
        """Ask a broker what the input says, on a connection of its own."""
        if not self._left:
            self._lab = Lab(TopicConfig("orders", partitions=2, replication_factor=2), is_served=True, brokers=2)
            self._lab.trace.watch(HandlerFailed, self._failed.append)
            self._left = INPUTS_OF_A_LAB_MAX
        self._left -= 1
        lab = self._lab
        key, version = SPOKEN[int.from_bytes(data[:2]) % len(SPOKEN)]
        connection = lab.client.connect(1)
        connection.endpoint.on_received = _ignored
        connection.endpoint.send(api.encode_request(key, version, 1, "fuzz", data[2:]))
        lab.run(SETTLING_S)
        lab.trace.shed(keep=0)
        if connection.is_open:
            connection.endpoint.close()
        failed, self._failed[:] = self._failed[:], []
        assert not failed, f"{failed[0].api} {failed[0].version}: {failed[0].error}"


def _ignored(_: object) -> None:
    return None


TARGETS: dict[str, Callable[[], Callable[[bytes], None]]] = {
    "decoders": lambda: decoders,
    "headers": lambda: headers,
    "frames": lambda: frames,
    "batches": lambda: batches,
    "compression": lambda: compression,
    "brokers": Brokers,
}
"""By name: each makes a target."""
