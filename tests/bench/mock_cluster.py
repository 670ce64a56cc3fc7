"""librdkafka's mock cluster in a process of its own, so that a client's processor time and memory are the client's alone."""

import ctypes
import sys
from contextlib import AbstractContextManager

from tests.bench.processes import running

BROKERS = 3
PARTITIONS = 6
TOPIC = "bench"
PRODUCER = 0
TEXT_BYTES = 512


def mock_cluster() -> AbstractContextManager[str]:
    """Give the bootstrap addresses of a cluster of BROKERS brokers that holds TOPIC with PARTITIONS partitions."""
    return running("tests.bench.mock_cluster", what="the mock cluster")


def main() -> None:
    """Hold a cluster open until stdin ends. The wheel of confluent-kafka exports librdkafka's C API for this."""
    import confluent_kafka.cimpl

    kafka = ctypes.CDLL(confluent_kafka.cimpl.__file__)
    for function in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_mock_cluster_new"):
        getattr(kafka, function).restype = ctypes.c_void_p
    kafka.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p

    text = ctypes.create_string_buffer(TEXT_BYTES)
    settings = ctypes.c_void_p(kafka.rd_kafka_conf_new())
    # The client that holds the cluster knows no broker itself, and would say so.
    kafka.rd_kafka_conf_set(settings, b"log_level", b"0", text, TEXT_BYTES)
    client = kafka.rd_kafka_new(PRODUCER, settings, text, TEXT_BYTES)
    assert client, text.value.decode()
    cluster = ctypes.c_void_p(kafka.rd_kafka_mock_cluster_new(ctypes.c_void_p(client), BROKERS))
    error = kafka.rd_kafka_mock_topic_create(cluster, TOPIC.encode(), PARTITIONS, BROKERS)
    assert error == 0, f"rd_kafka_mock_topic_create: {error}"

    print(kafka.rd_kafka_mock_cluster_bootstraps(cluster).decode(), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
