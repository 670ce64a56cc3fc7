"""A leader moved under load costs nothing, whether its replica stays where it was or is taken away."""

from tests.interop.apache_kafka import ApacheKafka
from tests.interop.side_by_side import Stage


def test_another_replica_is_elected(kafka: ApacheKafka, stage: Stage) -> None:
    both = stage.start({}, partitions=3)
    before = [kafka.admin.leader(both.ours.topic, number) for number in range(3)]

    with both.load():
        both.wait_acknowledged(200)
        kafka.admin.reassign(both.topics, [[2, 3, 1], [3, 1, 2], [1, 2, 3]])
        kafka.admin.elect_preferred(both.topics)
        both.wait_acknowledged(300)

    both.judge()
    both.assert_alike()
    assert before == [1, 2, 3]
    assert [kafka.admin.leader(topic, number) for topic in both.topics for number in range(3)] == [2, 3, 1] * 2


def test_the_leaders_replica_is_taken_away(kafka: ApacheKafka, stage: Stage) -> None:
    both = stage.start({}, replicas=[[1, 2]])

    with both.load():
        both.wait_acknowledged(200)
        kafka.admin.reassign(both.topics, [[2, 3]])
        both.wait_acknowledged(300)
        kafka.admin.reassign(both.topics, [[3, 1]])
        both.wait_acknowledged(300)

    both.judge()
    both.assert_alike()
