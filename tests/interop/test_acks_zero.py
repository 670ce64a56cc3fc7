"""acks=0 and a broker that stops reading: nobody waits for an answer, and yet neither producer tells of what never left."""

from tests.interop.apache_kafka import ApacheKafka
from tests.interop.reading import read_topic
from tests.interop.side_by_side import Stage

SMALL, LARGE = 100, 900_000
"""Less, and more, than kernels hold of what nobody reads."""
HASTY = {
    "acks": 0,
    "buffer.memory": 4_000_000,
    "linger.ms": 0,
    "max.block.ms": 30_000,
    "request.timeout.ms": 1_000,
    "delivery.timeout.ms": 5_000,
}


def test_what_the_operating_system_has_not_taken_is_not_delivered(kafka: ApacheKafka, stage: Stage) -> None:
    both = stage.start(HASTY, is_proxied=True)
    both.send(partition=0, value_bytes=SMALL)
    both.wait_told()
    before = [proxy.connections for proxy in both.proxies]

    for proxy in both.proxies:
        proxy.stop_reading()
    for _ in range(8):
        both.send(partition=0, value_bytes=LARGE)
    both.wait_told()

    for side in both.sides:
        assert side.producer.acknowledged == 1, "the first"
    for proxy, count in zip(both.proxies, before, strict=True):
        assert proxy.connections > count + 2, "it was tried again, on other connections"

    for proxy in both.proxies:
        proxy.read_on()
    last = both.send(partition=0, value_bytes=SMALL)
    both.wait_told()
    for side in both.sides:
        assert side.producer.acknowledged == 2
        side.producer.close()
    # What the operating system has taken is still on its way.
    kafka.nodes.wait_for(
        lambda: [topic for topic in both.topics if str(last) not in values(kafka, topic)], f"record {last} to be there"
    )


def values(kafka: ApacheKafka, topic: str) -> list[str]:
    return [one.value.strip() for one in read_topic(kafka.bootstrap, topic)]
