"""Keyed idempotent records of 100 B to one broker of Apache Kafka (6 partitions, acks=all); Java's without keys."""

from tests.bench.clients import Load, cases, java
from tests.bench.kafka_broker import kafka_broker

SETTING = kafka_broker
CASES = cases(Load(records=500_000, value_bytes=100), Java=java)
