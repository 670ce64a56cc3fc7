"""Keyed idempotent records of 10 KB in batches of 1 MB, over TCP to librdkafka's mock cluster (6 partitions, acks=all)."""

from tests.bench.clients import Load, cases
from tests.bench.mock_cluster import mock_cluster

SETTING = mock_cluster
CASES = cases(Load(records=20_000, value_bytes=10_000, batch_bytes=1_000_000))
