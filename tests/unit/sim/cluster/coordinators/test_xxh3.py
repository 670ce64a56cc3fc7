"""XXH3: the digests are those of xxHash's own library, of bytes that count up by 37 from 11 on, a length each way of it."""

from types import SimpleNamespace
from typing import Any

import pytest

from sim.cluster.coordinators.groups.consumer.topics import Topics
from sim.cluster.coordinators.groups.consumer.xxh3 import xxh3_64
from tests.builds import pure_only

DIGESTS = {
    0: 0x2D06800538D394C2,
    1: 0x4A4139CAF4136257,
    3: 0x505118C313121C0E,
    4: 0x3F6889EF166B4AD1,
    8: 0x93F1200F9BE82671,
    9: 0x05B2FD4D97EDCDAE,
    16: 0x2E4359E2A04A5E32,
    17: 0xF60C53684BBC489D,
    32: 0x664864DF0876EFC6,
    33: 0xAA998D6131D956AA,
    64: 0x8E7464FFDF82C775,
    65: 0x8E3AC0373892CC0A,
    96: 0xDD8813A25295A5D5,
    97: 0xCA141081637FC064,
    128: 0x5C6AB7B5B2360539,
    129: 0x45FABBD183DE7649,
    160: 0x46209D72C7D8E02F,
    240: 0xC0796428068CD12E,
    241: 0x859DC8AB6DD85C7C,
    1_023: 0xF35D4C7D308F7A40,
    1_024: 0x7DF7F049C0C1AD73,
    1_025: 0x29ADCFCAC5492652,
    1_089: 0x9343985B5F836C76,
    2_048: 0xF8C1EAAC9B715DDA,
    2_900: 0x54CBFD776024A0DC,
}


@pytest.mark.parametrize("size", DIGESTS)
def test_a_digest_is_xxhashs(size: int) -> None:
    data = bytes([(number * 37 + 11) % 256 for number in range(size)])

    assert xxh3_64(data) == DIGESTS[size]


def _topics(name: str, topic_id: bytes, partitions: int, rack: str | None = None) -> Topics:
    known = SimpleNamespace(name=name, topic_id=topic_id)
    image = SimpleNamespace(
        topics={name: known},
        topic_of_id={topic_id: known},
        partitions_of={name: {number: SimpleNamespace(replicas=(1,)) for number in range(partitions)}},
        brokers={1: SimpleNamespace(rack=rack)},
    )
    broker: Any = SimpleNamespace(image=image)
    return Topics(broker)


@pure_only("plain values stand for a broker's image")
def test_a_topics_hash_is_the_one_that_apache_kafka_wrote() -> None:
    topics = _topics("t-508ec90000", bytes.fromhex("22ee451bb0634185a061c18cfe622911"), 4)

    assert topics.metadata_hash(["t-508ec90000"]) == 813_603_892_533_918_659
    assert topics.metadata_hash(["t-508ec90000", "nowhere"]) == 813_603_892_533_918_659


@pure_only("plain values stand for a broker's image")
def test_another_id_more_partitions_and_another_rack_are_another_hash() -> None:
    changed = [
        ("t", bytes(16), 4, None),
        ("t", b"x" * 16, 4, None),
        ("t", bytes(16), 5, None),
        ("t", bytes(16), 4, "r"),
    ]

    hashes = [_topics(*one).metadata_hash(["t"]) for one in changed]

    assert len(set(hashes)) == 4
    assert _topics("t", bytes(16), 4).metadata_hash(["nowhere"]) == 0
