"""Whatever bytes come, decoders call them malformed and brokers go on: never another error, in bounded time and memory."""

import struct
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producer.errors import Code, MalformedError
from producer.wire.api import ApiKey
from producer.wire.codec import decode
from producer.wire.compression import Codec, compress
from producer.wire.record_batch import BATCH_OVERHEAD, computed_crc, encode_batch
from sim.cluster.broker.handlers import HANDLERS
from sim.cluster.broker.log_validator import UNPACKED_BYTES_MAX
from sim.trace.events import HandlerFailed
from tests.fuzz.mutations import LENGTHS, mutated
from tests.fuzz.seeds import FRESH, begun_with, seeds
from tests.fuzz.targets import SPOKEN, TARGETS, Brokers, chosen
from tests.unit.sim.raw_client import ORDERS, Lab, part_of, send_batch

APIS = [ApiKey(key) for key in HANDLERS]
MEMORY_BYTES_MAX = 1 << 20
"""Of reading one small message, whatever it says of itself."""


def whole(api: ApiKey) -> list[bytes]:
    """A request of each version."""
    return [seed for seed, (key, _) in zip(seeds("decoders"), SPOKEN, strict=True) if key is api]


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=200)
@given(data=st.data())
def test_what_is_made_wrong_is_malformed(target: str, data: st.DataObject) -> None:
    TARGETS[target]()(data.draw(st.sampled_from(seeds(target)).flatmap(mutated)))


@pytest.mark.parametrize("target", [one for one in TARGETS if one != "brokers"])
@given(data=st.binary(max_size=200))
def test_mere_noise_is_malformed(target: str, data: bytes) -> None:
    TARGETS[target]()(data)


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.title)
def test_a_lie_at_any_place_of_any_request_costs_nothing(api: ApiKey) -> None:
    """Every length and count of a request is somewhere: so each place is overwritten with each lie."""
    tracemalloc.start()
    try:
        for seed in whole(api):
            key, version = SPOKEN[int.from_bytes(seed[:2])]
            body = seed[2:]
            decode(key.message("request"), body, version)
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            for place in range(len(body)):
                for lie in LENGTHS[9:]:
                    try:
                        decode(key.message("request"), body[:place] + lie + body[place + len(lie) :], version)
                    except MalformedError:
                        continue
            assert tracemalloc.get_traced_memory()[1] - before < MEMORY_BYTES_MAX
    finally:
        tracemalloc.stop()


def test_no_request_is_left_out_however_few_branches_it_has_of_its_own() -> None:
    given = seeds("decoders")

    begun = [begun_with(b"kept", chance, given) for chance in range(FRESH * len(given))]

    assert set(given) < set(begun)
    assert begun.count(b"kept") == (FRESH - 1) * len(given)


def test_an_election_that_nobody_decides_has_words_in_version_0() -> None:
    # Found by atheris: a null array with a time-out that has passed.
    Brokers()(chosen(ApiKey.ELECT_LEADERS, 0, bytes(97)))


# -- batches that unpack to more than there should be -------------------------------------------------------------------


def bomb(codec: Codec, plain: bytes, count: int = 1) -> bytes:
    """A batch whose header is in order, and whose records unpack to this."""
    head = bytearray(encode_batch([(None, b"v", (), 1_000)])[:BATCH_OVERHEAD])
    batch = head + compress(codec, plain)
    struct.pack_into(">i", batch, 8, len(batch) - 12)
    struct.pack_into(">h", batch, 21, codec)
    struct.pack_into(">i", batch, 23, count - 1)
    struct.pack_into(">i", batch, 57, count)
    struct.pack_into(">I", batch, 17, computed_crc(batch))
    return bytes(batch)


@pytest.mark.parametrize("codec", [Codec.GZIP, Codec.LZ4, Codec.ZSTD])
def test_a_leader_refuses_what_unpacks_to_too_much_and_goes_on(codec: Codec) -> None:
    lab = Lab(is_served=True)
    connection = lab.client.connect(lab.cluster.leader_of(ORDERS))
    records = bomb(codec, bytes(4 * UNPACKED_BYTES_MAX))
    assert len(records) < 1_000_000

    answer = part_of(connection.wait(send_batch(connection, records=records)))

    assert answer.error_code == Code.UNKNOWN_SERVER_ERROR
    assert lab.events(HandlerFailed) == []
    assert lab.client.produce(b"well behaved").error_code == Code.NONE
