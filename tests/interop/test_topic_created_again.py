"""A topic deleted and created again under a live producer is another topic: what is sent from then on is written there, once."""

from tests.interop.apache_kafka import ApacheKafka
from tests.interop.reading import read_topic
from tests.interop.side_by_side import Stage

PARTITIONS = 3


def test_what_is_sent_while_the_topic_is_away_is_written_once_it_is_back(kafka: ApacheKafka, stage: Stage) -> None:
    both = stage.start({})
    for _ in range(20):
        both.send(partition=0)
    both.wait_told()

    for topic in both.topics:
        kafka.admin.delete_topic(topic)
    while_away = both.sent
    for _ in range(20):
        both.send(partition=0)
    for topic in both.topics:
        kafka.admin.create_topic(topic)
    for _ in range(20):
        both.send(partition=0)

    both.judge(since=while_away)
    both.assert_alike()
    assert both.ours.producer.acknowledged == both.sent


def test_under_load_each_partition_holds_all_from_some_record_on(kafka: ApacheKafka, stage: Stage) -> None:
    both = stage.start({}, partitions=PARTITIONS)

    with both.load():
        both.wait_acknowledged(200)
        for topic in both.topics:
            kafka.admin.delete_topic(topic)
        while_away = both.sent
        for topic in both.topics:
            kafka.admin.create_topic(topic, partitions=PARTITIONS)
        both.wait_acknowledged(300)

    # The two topics go one after the other, and a partition's last records are acknowledged before it goes: so the new
    # topics begin with different records. From there on nothing is missing, nothing twice, and all where it was told.
    for side in both.sides:
        side.producer.close()
        verdicts = {number: told for number, [told] in sorted(side.producer.told.items())}
        assert len(verdicts) == both.sent
        read = read_topic(kafka.bootstrap, side.topic)
        for partition in range(PARTITIONS):
            found = [int(record.value) for record in read if record.partition == partition]
            sent = [number for number, told in verdicts.items() if told.partition == partition]
            assert found == sent[-len(found) :]
            assert [verdicts[number].offset for number in found] == list(range(len(found)))
            assert found[0] <= min(number for number in sent if number >= while_away)
