"""Keyed records of 10 KB in batches of 1 MB, over TCP to brokers that only read (6 partitions), acks=0."""

from tests.bench.clients import Load, cases
from tests.bench.sink import sink

SETTING = sink
CASES = cases(Load(records=20_000, value_bytes=10_000, batch_bytes=1_000_000, acks="0"))
