"""Brokers restarted one after the other, and settings altered meanwhile: what the simulated cluster does, on Apache Kafka itself."""

from tests.interop.apache_kafka import ApacheKafka
from tests.interop.side_by_side import Stage

MIN_INSYNC_REPLICAS = "min.insync.replicas"


def test_a_rolling_restart_costs_neither_producer_a_record(kafka: ApacheKafka, stage: Stage) -> None:
    both = stage.start({}, partitions=3)

    with both.load():
        both.wait_acknowledged(200)
        for broker_id in kafka.broker_ids:
            kafka.stop(broker_id)
            kafka.start(broker_id)
            kafka.nodes.wait_for(
                kafka.admin.lagging_replicas, f"everything to be in sync again with broker {broker_id}"
            )
        both.wait_acknowledged(1_000)

    both.judge()
    both.assert_alike()


def test_who_is_eligible_to_lead_is_forgotten_when_min_insync_replicas_is_altered(kafka: ApacheKafka) -> None:
    admin = kafka.admin
    for topic in ("altered", "left-alone"):
        admin.create_topic(topic, replicas=[[1, 2]], config={MIN_INSYNC_REPLICAS: "2"})

    for broker_id in (1, 2):
        kafka.stop(broker_id)
    admin.set_topic_config("altered", MIN_INSYNC_REPLICAS, "1")
    for broker_id in (1, 2):
        kafka.start(broker_id)
    kafka.nodes.wait_for(lambda: [one for one in admin.lagging_replicas() if "left-alone" in one], "the other topic")

    assert admin.leader("left-alone", 0) in {1, 2}
    assert admin.leader("altered", 0) == -1
    admin.elect_unclean("altered")
    assert admin.leader("altered", 0) in {1, 2}
