"""Keyed records of 100 B over TCP to librdkafka's mock cluster (6 partitions), acks=1, client beside client."""

from tests.bench.clients import Load, cases
from tests.bench.mock_cluster import mock_cluster

SETTING = mock_cluster
CASES = cases(Load(records=200_000, value_bytes=100, acks="1"))
