"""An application is audited behind its answers, and killed between one of them and its line: who finds the gap?

The audit writes a line for each record once its outcome is known, and flushes it. That takes two milliseconds; within them the process
ends. The record is acknowledged and in the log, and the audit has no line of it: half of one lies at its end. Nobody who reads the audit can
see that a record is missing, as its chain is whole; held against the log it is found.

An intent that is on the disk before the record is sent leaves no such gap: after the kill the record has an intent without an outcome, and the
audit says so. It is what write-ahead logs do, at the cost of a flush before each send.
"""

from sim import Application, Audit, ClusterConfig, Phase, Scenario, TopicConfig, Workload, acknowledged, after

SCENARIO = Scenario(
    name="audit_gap_is_found",
    question="An audit is written behind the answers, and its process killed in between: is each record in it?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    applications=(
        Application(
            name="shop", workload=Workload(phases=(Phase(), Phase(every_us=20_000))), audit=Audit(write_ahead=False)
        ),
    ),
    schedule=(after(acknowledged(20)).kill("shop"),),
    expects=frozenset({"unaudited"}),
    notes="Try acklab run audit_gap_is_found+write_ahead=1: an intent before each record, and no gap.",
)
