"""A leader killed in mid-stream costs the default configuration nothing: no record lost, none twice, order kept."""

import threading
import time

from producer import Producer
from tests.interop.apache_kafka import ApacheKafka
from tests.interop.reading import read_topic

KEYS = 50
RECORDS = 6_000
RECORDS_PER_S = 1_000
KILL_AT = RECORDS // 3
OUTCOME_S_MAX = 130
"""A little more than delivery.timeout.ms."""


def test_leader_killed_in_mid_stream_loses_and_repeats_nothing(kafka: ApacheKafka, topic: str) -> None:
    leader = kafka.leader(topic, 0)
    killing = threading.Thread(target=kafka.kill, args=(leader,))

    futures = []
    started = time.monotonic()
    with Producer({"bootstrap.servers": kafka.bootstrap}) as producer:
        for number in range(RECORDS):
            if number == KILL_AT:
                killing.start()
            time.sleep(max(0.0, started + number / RECORDS_PER_S - time.monotonic()))
            key = f"key-{number % KEYS}"
            futures.append(producer.send(topic, value=str(number).encode(), key=key.encode()))
        acknowledged = [future.result(OUTCOME_S_MAX) for future in futures]
    killing.join()

    read = read_topic(kafka.bootstrap, topic)
    assert sorted(int(record.value) for record in read) == list(range(RECORDS))
    assert {(record.partition, record.offset): int(record.value) for record in read} == {
        (one.partition, one.offset): number for number, one in enumerate(acknowledged)
    }
    for number in range(KEYS):
        in_log = [int(record.value) for record in read if record.key == f"key-{number}"]
        assert in_log == sorted(in_log)
    assert kafka.leader(topic, 0) != leader
