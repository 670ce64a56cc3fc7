"""A leader that lacks its followers refuses; what waits is written once when one of them returns, what cannot wait is not."""

from producer.errors import Code
from tests.interop.apache_kafka import ApacheKafka
from tests.interop.side_by_side import Stage

IMPATIENT = {"request.timeout.ms": 2_000, "delivery.timeout.ms": 3_000}
ONCE = {"retries": 0, "enable.idempotence": "false"}


def test_not_enough_replicas_until_a_follower_returns(kafka: ApacheKafka, stage: Stage) -> None:
    patient = stage.start({}, called="patient")
    impatient = stage.start(IMPATIENT, called="impatient")
    once = stage.start(ONCE, called="once")
    for both in (patient, impatient, once):
        both.send(partition=0)
        both.wait_told()
    leader = kafka.admin.leader(patient.ours.topic, 0)
    followers = [broker_id for broker_id in kafka.broker_ids if broker_id != leader]

    for broker_id in followers:
        kafka.stop(broker_id)
    for both in (patient, impatient, once):
        for _ in range(20):
            both.send(partition=0)
    once.wait_told()
    impatient.wait_told()
    patient.wait_metric("record-retry-total")
    assert patient.ours.producer.acknowledged == patient.java.producer.acknowledged == 1
    kafka.start(followers[0])

    for both in (patient, impatient, once):
        both.send(partition=0)
        both.judge()
        both.assert_alike()
    assert patient.ours.producer.acknowledged == patient.sent
    assert impatient.codes(1) == {Code.REQUEST_TIMED_OUT.name}
    assert once.codes(1) == {Code.NOT_ENOUGH_REPLICAS.name}
