"""librdkafka's mock cluster with its C interface at hand: the next answers to a request can be made errors."""

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import confluent_kafka.cimpl

BROKERS = 3
PRODUCER = 0
TEXT_BYTES = 512
PRODUCE = 0


class FailingCluster:
    """Three brokers on 127.0.0.1."""

    def __init__(self) -> None:
        kafka = ctypes.CDLL(confluent_kafka.cimpl.__file__)
        for function in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_mock_cluster_new"):
            getattr(kafka, function).restype = ctypes.c_void_p
        kafka.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
        text = ctypes.create_string_buffer(TEXT_BYTES)
        self._kafka = kafka
        self._client = ctypes.c_void_p(
            kafka.rd_kafka_new(PRODUCER, ctypes.c_void_p(kafka.rd_kafka_conf_new()), text, TEXT_BYTES)
        )
        assert self._client.value, text.value.decode()
        self._cluster = ctypes.c_void_p(kafka.rd_kafka_mock_cluster_new(self._client, BROKERS))
        self.bootstrap: str = kafka.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()

    def fail_next_produce(self, codes: Sequence[int]) -> None:
        """Answer the next Produce requests with these codes."""
        array = (ctypes.c_int * len(codes))(*codes)
        self._kafka.rd_kafka_mock_push_request_errors_array(
            self._cluster, ctypes.c_int16(PRODUCE), ctypes.c_size_t(len(codes)), array
        )

    def clear(self) -> None:
        """Forget the errors that nobody met."""
        self._kafka.rd_kafka_mock_clear_request_errors(self._cluster, ctypes.c_int16(PRODUCE))

    def close(self) -> None:
        """End the brokers."""
        self._kafka.rd_kafka_mock_cluster_destroy(self._cluster)
        self._kafka.rd_kafka_destroy(self._client)


@contextmanager
def failing_cluster() -> Iterator[FailingCluster]:
    """Give a cluster that lives as long as the block."""
    cluster = FailingCluster()
    try:
        yield cluster
    finally:
        cluster.close()
