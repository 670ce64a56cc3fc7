"""Keyed idempotent records of 1 KiB, lz4, to one broker of Apache Kafka (6 partitions, acks=all); Java's without keys."""

from tests.bench.clients import Load, cases, java
from tests.bench.kafka_broker import kafka_broker

SETTING = kafka_broker
CASES = cases(Load(records=100_000, value_bytes=1_024, compression="lz4"), Java=java)
