"""`Engine.append` is the short way of `Engine.send`: whichever is taken, the same bytes leave at the same time."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from producer.records import Record
from tests.unit.producer.scripted_cluster import ScriptedCluster

keys = st.none() | st.sampled_from([b"a", b"b", b"c", b"d"])
steps = st.lists(st.tuples(keys, st.integers(0, 400), st.sampled_from([0, 0, 0, 1_000, 5_000])), max_size=25)


class ShortCut(ScriptedCluster):
    """Tries `append` before `send`, as drivers do; counts how often that was enough."""

    appended = 0

    def send(self, value: bytes, *, key: bytes | None = None, partition: int | None = None, token: Any = None) -> None:
        if partition is None and self.engine.append(
            "orders", key, value, value if token is None else token, self.now_us // 1_000
        ):
            self.appended += 1
            self.settle()
        else:
            super().send(value, key=key, partition=partition, token=token)


def play(cluster: ScriptedCluster, drawn: list[tuple[bytes | None, int, int]]) -> list[Any]:
    cluster.send(b"warm", partition=0)
    for number, (key, size, pause_us) in enumerate(drawn):
        cluster.send(b"%d" % number + bytes(size), key=key)
        cluster.advance(pause_us)
        while len(cluster.waiting) > 2:
            cluster.answer()
    cluster.engine.flush(cluster.now_us)
    cluster.settle()
    while cluster.waiting:
        cluster.answer()
    return [(seen.broker, seen.request) for seen in cluster.seen]


@pytest.mark.parametrize("compression", ["none", "gzip"])
@given(drawn=steps)
# An estimate of what gzip leaves may call a batch full before it is full of uncompressed bytes.
@example(
    [
        (None, size, pause_us)
        for size, pause_us in [(0, 0), (0, 5_000), (57, 0), (63, 0), (246, 0), (169, 0), (400, 0), (0, 0)]
    ]
)
def test_the_short_way_writes_the_same_bytes(compression: str, drawn: list[tuple[bytes | None, int, int]]) -> None:
    settings: dict[str, Any] = {
        "partitions": 3, "brokers": 2, "observes": False, "batch_size": 1_000, "compression_type": compression
    }  # fmt: skip
    long, short = ScriptedCluster(**settings), ShortCut(**settings)

    assert play(short, drawn) == play(long, drawn)
    assert short.delivered == long.delivered
    assert len(short.delivered) == len(drawn) + 1


def test_the_short_way_is_taken_once_a_batch_is_open() -> None:
    cluster = ShortCut(observes=False)
    cluster.send(b"first", key=b"a")

    for _ in range(5):
        cluster.send(b"next", key=b"a")

    assert cluster.appended == 5


@pytest.mark.parametrize(
    "settings",
    [
        {"partitioner_ignore_keys": True},
        {"partitioner_class": "round_robin"},
        {"observes": True},
        {"batch_size": 2_000_000},
    ],
    ids=["keys are ignored", "somebody else chooses", "somebody observes", "a batch may be larger than a request"],
)
def test_the_short_way_is_not_taken_where_it_would_pass_something_over(settings: dict[str, Any]) -> None:
    cluster = ShortCut(**{"observes": False} | settings)
    cluster.send(b"first", key=b"a")

    cluster.send(b"next", key=b"a")

    assert cluster.appended == 0


def test_the_short_way_leads_nowhere_after_close() -> None:
    cluster = ShortCut(observes=False)
    cluster.send(b"first", key=b"a")
    cluster.engine.close(cluster.now_us)

    assert not cluster.engine.append("orders", b"a", b"late", "late", cluster.now_us // 1_000)

    with pytest.raises(Exception, match="is closed"):
        cluster.engine.send(Record("orders", b"late", b"a"), "late", now_us=cluster.now_us)
