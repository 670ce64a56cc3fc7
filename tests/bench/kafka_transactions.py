"""Keyed records of 100 B in transactions of 1,000 to one broker of Apache Kafka (6 partitions), beside none."""

from tests.bench.clients import Load
from tests.bench.kafka_broker import kafka_broker
from tests.bench.transactional import cases

SETTING = kafka_broker
CASES = cases(Load(records=200_000, value_bytes=100))
