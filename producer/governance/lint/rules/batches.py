"""Sizes of batches, requests and the buffer, and codecs that have nothing to compress."""

from __future__ import annotations

from collections.abc import Iterator

from producer.governance.lint.configuration import Configuration
from producer.governance.lint.dialect import Dialect
from producer.governance.lint.rule import Effect, Flaw, Rule

BATCH, REQUEST, BUFFER, LIMIT, LINGER = (
    "batch.size",
    "max.request.size",
    "buffer.memory",
    "max.message.bytes",
    "linger.ms",
)
CODEC = "compression.type"
LEVELS = {"gzip": "compression.gzip.level", "lz4": "compression.lz4.level", "zstd": "compression.zstd.level"}


def _buffer_below_batch(told: Configuration) -> Iterator[Flaw]:
    buffer, batch = told.number(BUFFER), told.number(BATCH)
    if told.dialect is Dialect.JAVA and buffer is not None and batch is not None and buffer < batch:
        yield Flaw(
            (BUFFER, BATCH),
            "no batch fits into the buffer: `send` waits for room until max.block.ms is over, and fails",
        )


def _batch_above_topic(told: Configuration) -> Iterator[Flaw]:
    limit = told.number(LIMIT)
    for name in (BATCH, REQUEST):
        size = told.number(name)
        if limit is not None and size is not None and size > limit:
            what = "batch" if name == BATCH else "record"
            yield Flaw(
                (name, LIMIT),
                f"brokers refuse a {what} that the producer takes: "
                + ("it is split and sent anew, and where it was written already it is there twice"
                   if name == BATCH else "MESSAGE_TOO_LARGE, behind `send`"),
            )  # fmt: skip


def _batch_above_request(told: Configuration) -> Iterator[Flaw]:
    batch, request = told.number(BATCH), told.number(REQUEST)
    if batch is not None and request is not None and batch > request:
        yield Flaw(
            (BATCH, REQUEST),
            "batches are filled beyond what a request may have, and brokers refuse those that are too large",
        )


def _compressed_alone(told: Configuration) -> Iterator[Flaw]:
    if told.text(CODEC) in {"", "none"}:
        return
    batch = told.number(BATCH)
    if batch is not None and batch <= 1:
        yield Flaw(
            (CODEC, BATCH), "each record is a batch of its own, and compressed alone: bytes grow rather than shrink"
        )
    elif told.number(LINGER) == 0:
        yield Flaw(
            (CODEC, LINGER), "batches do not wait to be filled: under light load each record is compressed alone"
        )


def _level_of_no_codec(told: Configuration) -> Iterator[Flaw]:
    for codec, name in LEVELS.items():
        if told.given(name) and told.text(CODEC) != codec:
            yield Flaw((name, CODEC), f"the level is {codec}'s, which is not the codec")
    if told.given("compression.level") and told.text(CODEC) in {"", "none"}:
        yield Flaw(("compression.level", CODEC), "there is no codec, and so no level")


RULES = (
    Rule("buffer-below-batch", Effect.HANGS, _buffer_below_batch, "default_config --set buffer.memory=1000"),
    Rule("batch-above-topic", Effect.DUPLICATES, _batch_above_topic, "lowered_limit_repeats_a_batch"),
    Rule("batch-above-request", Effect.DUPLICATES, _batch_above_request,
         "lowered_limit_repeats_a_batch --set max.request.size=8000"),
    Rule("compressed-alone", Effect.WASTES, _compressed_alone,
         "hot_key --set compression.type=gzip --set batch.size=0"),
    Rule("level-of-no-codec", Effect.WASTES, _level_of_no_codec, None),
)  # fmt: skip
