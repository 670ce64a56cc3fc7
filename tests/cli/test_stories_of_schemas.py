"""Stories with schemas on the command line: what is said about values, what can be struck, and what is run again."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Acklab

STORY = '''
from producer import Schema, SchemaType
from sim import (
    Application, ClusterConfig, Deserializing, Phase, RegistryConfig, Scenario, TopicConfig, Version, Workload, at
)

ORDER = Schema(SchemaType.AVRO, """{"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"}]}""")

SCENARIO = Scenario(
    name="orders",
    question="Can billing read it?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    registry=RegistryConfig(),
    applications=(
        Application(
            name="shop",
            producer={"value.serializer": "avro", "schema.registry.url": "http://registry-1:8081"},
            versions=(Version(schema=ORDER, values=({"id": 1}, {"id": "two"})),),
            workload=Workload(records=6, phases=(Phase(every_us=10_000),)),
        ),
    ),
    readers=(at(0).read("orders", name="billing"),),
    deserializing=(Deserializing(reader="billing", versions=(ORDER,)),),
)
'''


def written(folder: Path) -> str:
    file = folder / "orders.py"
    file.write_text(STORY, encoding="utf-8")
    return str(file)


def test_the_report_says_which_values_had_no_bytes(acklab: Acklab, tmp_path: Path) -> None:
    told = acklab("run", written(tmp_path))

    assert told.status == 0
    assert "3 sent, 3 acknowledged" in told.out
    assert "shop: 3 not serialized, the first one because" in " ".join(told.out.split())
    assert "unreadable holds" in " ".join(told.out.split())


def test_programs_are_told_the_same(acklab: Acklab, tmp_path: Path) -> None:
    report = json.loads(acklab("run", written(tmp_path), "--json").out)

    (counts,) = report["schemas"]
    assert (counts["client"], counts["not_serialized"], counts["unreadable"]) == ("shop", 3, 0)
    assert "field id is 'two'" in counts["why"]


def test_a_witness_is_replayed_to_the_same_digest(acklab: Acklab, tmp_path: Path) -> None:
    witness = str(tmp_path / "witness.json")
    acklab("run", written(tmp_path), "--fault", "at 5ms: pause registry-1", "--witness", witness)

    told = acklab("replay", witness)

    assert told.status == 0
    assert "pause registry-1" in told.out


def test_a_registry_that_is_not_there_is_refused_before_the_run(acklab: Acklab, tmp_path: Path) -> None:
    told = acklab("run", written(tmp_path), "--fault", "at 1s: pause registry-9")

    assert told.status == 2
    assert "names registry 'registry-9', registries are registry-1" in told.err


def test_records_of_a_file_are_refused(acklab: Acklab, tmp_path: Path) -> None:
    records = tmp_path / "records.txt"
    records.write_text("k:v\n", encoding="utf-8")

    told = acklab("run", written(tmp_path), "--input", str(records))

    assert told.status == 2
    assert "shop makes bytes of its own values" in told.err
