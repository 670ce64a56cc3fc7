"""`acklab serve --registry`: the registry lives in the served cluster, its log there, and its faults with it."""

from __future__ import annotations

from io import StringIO

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext

from sim.serve.attempt import Fate
from sim.serve.journal import WrittenJournal
from sim.serve.replay import replay
from sim.serve.server import Serving
from sim.serve.stage import Stage
from tests.registry.asking import ORDER, ORDER_WITH_DEFAULT
from tests.serve.served import Served

LIMIT_S = 60
STAGE = Stage(topics=("orders:1:3",), has_registry=True, seed=5)
AT = SerializationContext("orders", MessageField.VALUE)


def test_a_strangers_avro_goes_through_cluster_and_registry_and_runs_again_from_the_journal() -> None:
    written = StringIO()
    with Served(STAGE, Serving(port=0, registry_port=0, journal=written)) as cluster:
        with SchemaRegistryClient({"url": cluster.server.registry_url}) as client:
            producer = Producer({"bootstrap.servers": cluster.bootstrap})
            value = AvroSerializer(client, ORDER)({"id": 7}, AT)
            producer.produce("orders", value)
            assert producer.flush(LIMIT_S) == 0
            consumer = Consumer({
                "bootstrap.servers": cluster.bootstrap, "group.id": "g", "auto.offset.reset": "earliest",
            })  # fmt: skip
            consumer.subscribe(["orders", "_schemas"])
            found: dict[str, list[bytes]] = {"orders": [], "_schemas": []}
            while not found["orders"] or len(found["_schemas"]) < 3:
                message = consumer.poll(LIMIT_S)
                assert message is not None
                assert message.error() is None
                found[message.topic() or ""].append(message.value() or b"")
            consumer.close()
        with SchemaRegistryClient({"url": cluster.server.registry_url}) as client:
            assert AvroDeserializer(client)(found["orders"][0], AT) == {"id": 7}
        assert b'"subject":"orders-value"' in found["_schemas"][-1]

    assert cluster.judgement.state.value == "holds"
    again = replay(WrittenJournal(StringIO(written.getvalue())))
    assert again.is_same


def test_without_brokers_it_answers_what_it_knows_and_takes_nothing_new() -> None:
    with (
        Served(STAGE, Serving(port=0, registry_port=0)) as cluster,
        SchemaRegistryClient({"url": cluster.server.registry_url, "max.retries": 0}) as client,
    ):
        client.register_schema("s", Schema(ORDER, "AVRO"))
        for broker in (1, 2, 3):
            cluster.strike(f"pause b{broker}")

        assert client.get_versions("s") == [1]
        with pytest.raises(SchemaRegistryError) as error:
            client.register_schema("s", Schema(ORDER_WITH_DEFAULT, "AVRO"))
        assert error.value.error_code in (50002, 50004)


def test_a_cut_registry_hears_nothing_and_a_client_runs_out_of_time() -> None:
    with (
        Served(STAGE, Serving(port=0, registry_port=0)) as cluster,
        SchemaRegistryClient({"url": cluster.server.registry_url, "max.retries": 0, "timeout": 1}) as client,
    ):
        client.register_schema("s", Schema(ORDER, "AVRO"))
        cluster.strike("cut 127.0.0.1 <-> registry-1")

        with pytest.raises(Exception, match=r"(?i)time"):
            client.get_versions("s")


def test_a_registry_s_process_is_struck_as_a_broker_s_is() -> None:
    with (
        Served(STAGE, Serving(port=0, registry_port=0)) as cluster,
        SchemaRegistryClient({"url": cluster.server.registry_url, "max.retries": 0, "timeout": 1}) as client,
    ):
        client.register_schema("s", Schema(ORDER, "AVRO"))
        assert cluster.strike("pause registry-1").fate is Fate.FIRED
        with pytest.raises(Exception, match=r"(?i)time"):
            client.get_versions("s")
        assert cluster.strike("resume registry-1").fate is Fate.FIRED
        assert client.get_versions("s") == [1]

        refused = cluster.strike("pause registry-9")

        assert refused.fate is Fate.REFUSED
        assert refused.reason == "registry-9 does not run"
