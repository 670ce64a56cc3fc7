"""Keyed records of 100 B in transactions of 1,000 over TCP to librdkafka's mock cluster (6 partitions), beside none."""

from tests.bench.clients import Load
from tests.bench.mock_cluster import mock_cluster
from tests.bench.transactional import cases

SETTING = mock_cluster
CASES = cases(Load(records=100_000, value_bytes=100))
