"""Keyed records of 100 B over TCP to brokers that only read (6 partitions), acks=0, client beside client."""

from tests.bench.clients import Load, cases
from tests.bench.sink import sink

SETTING = sink
CASES = cases(Load(records=200_000, value_bytes=100, acks="0"))
