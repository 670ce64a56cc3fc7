"""A leader killed in mid-stream costs the default configuration nothing: no record lost, none twice, order kept."""

from tests.interop.apache_kafka import ApacheKafka
from tests.interop.side_by_side import Stage


def test_leader_killed_in_mid_stream_loses_and_repeats_nothing(kafka: ApacheKafka, stage: Stage) -> None:
    both = stage.start({}, partitions=3)
    leader = both.leader_of(0)

    with both.load():
        both.wait_acknowledged(500)
        kafka.kill(leader)
        both.wait_new_leader(0, after=leader)
        both.wait_acknowledged(1_000)

    both.judge()
    both.assert_alike()
    assert both.leader_of(0) != leader
