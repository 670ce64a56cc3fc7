"""Keyed idempotent records of 1 KiB, lz4, over TCP to librdkafka's mock cluster (6 partitions, acks=all)."""

from tests.bench.clients import Load, cases
from tests.bench.mock_cluster import mock_cluster

SETTING = mock_cluster
CASES = cases(Load(records=50_000, value_bytes=1_024, compression="lz4"))
