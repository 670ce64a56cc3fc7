"""The list of properties that the unit tests walk is what Apache Kafka's own jar says of itself."""

import html
import re

from tests.interop.jars import run_class
from tests.unit.producer.config.test_kafka_configuration import KAFKA

CLASS = "org.apache.kafka.clients.producer.ProducerConfig"
NOT_IN_THE_JAR_YET = "4.4"
"""The jars here are of 4.3."""

ROW = re.compile(r"<tr><th>([\w ]+):</th><td>(.*?)</td></tr>")
IN_WORDS = re.compile(r" \([\d.]+ \w+\)$")
OF_THE_VIRTUAL_MACHINE = frozenset(("ssl.keymanager.algorithm", "ssl.trustmanager.algorithm"))


def told() -> dict[str, tuple[str, str, str]]:
    """Type, default and valid values by name, from the manual page that the class prints."""
    found = {}
    for part in run_class(CLASS).split("<h4>")[1:]:
        name = re.search(r'<a id="([\w.]+)">', part)
        assert name is not None, part
        row = {key: html.unescape(value) for key, value in ROW.findall(part)}
        found[name[1]] = (row["Type"], IN_WORDS.sub("", row["Default"]), row["Valid Values"])
    return found


def test_the_unit_tests_walk_the_list_that_kafka_prints() -> None:
    printed = told()

    ours = {
        one.name: (
            one.type.lower(),
            "" if one.default == "REQUIRED" else one.default,
            "" if one.valid == "-" else one.valid,
        )
        for one in KAFKA
        if one.since != NOT_IN_THE_JAR_YET
    }

    for name in OF_THE_VIRTUAL_MACHINE:
        assert printed.pop(name)[0] == ours.pop(name)[0]
    assert printed == ours
