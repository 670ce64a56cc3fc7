"""A cluster with two topics, two applications on it, and what their runs' traces hold."""

from dataclasses import replace
from typing import TypeVar

from sim.judges.report import Report
from sim.stories.scenario import Application, ClusterConfig, Scenario, TopicConfig, Workload
from sim.trace.events import RecordSent

E = TypeVar("E")

CLUSTER = ClusterConfig(topics=(TopicConfig("orders"), TopicConfig("audit")))
BILLING = Application(name="billing", workload=Workload(records=10))
AUDIT = Application(name="audit", producer={"acks": "1"}, workload=Workload(topic="audit", records=4))
BOTH = Scenario(name="both", question="Do both go their way?", cluster=CLUSTER, applications=(BILLING, AUDIT))
ALONE = replace(BOTH, applications=(BILLING,))
FRAIL = {"retries": "0", "enable.idempotence": "false", "acks": "1"}
"""Producer properties with which a single refusal is the end of a record."""


def told(report: Report, kind: type[E]) -> list[E]:
    return [event for event in report.trace if isinstance(event, kind)]


def values_of(report: Report, client: str) -> list[bytes | None]:
    return [event.value for event in told(report, RecordSent) if event.client == client]
