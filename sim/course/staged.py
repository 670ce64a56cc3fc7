"""A scenario written down as a file of the learner's own: to run, to watch, and to change one thing in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.stories.scenario import Scenario


def source_of(scenario: Scenario, *, seed: int) -> str:
    """Write a scenario with one topic, whose records come one by one, as Python; run it with that seed. It may be one of schemas, or of policies."""
    if scenario.registry is not None:
        from sim.course.staged_versions import source_of_versions

        return source_of_versions(scenario, seed=seed)
    if scenario.keys is not None:
        from sim.course.staged_policies import source_of_policies

        return source_of_policies(scenario, seed=seed)
    (topic,) = scenario.cluster.topics
    (phase,) = scenario.workload.phases
    lines = [
        f'"""{scenario.question}',
        "",
        "Written by `acklab learn check`. Change one thing and run it again:",
        "",
        f"    acklab run {scenario.name}.py --seed {seed}",
        '"""',
        "",
        "from sim import ClusterConfig, Phase, Scenario, TopicConfig, Workload, parse_entry",
        "",
        "SCENARIO = Scenario(",
        f"    name={scenario.name!r},",
        f"    question={scenario.question!r},",
        "    cluster=ClusterConfig(",
        f"        unclean_leader_election={scenario.cluster.unclean_leader_election},",
        "        topics=(",
        "            TopicConfig(",
        f"                {topic.name!r},",
        f"                replication_factor={topic.replication_factor},",
        f"                min_insync_replicas={topic.min_insync_replicas},",
        "            ),",
        "        ),",
        "    ),",
        f"    producer={dict(scenario.producer)!r},",
        f"    workload=Workload(records={scenario.workload.records}, phases=(Phase(every_us={phase.every_us:_}),)),",
        "    schedule=tuple(",
        "        parse_entry(line)",
        "        for line in (",
        *(f"            {str(entry)!r}," for entry in scenario.schedule),
        "        )",
        "    ),",
        f"    duration_us_max={scenario.duration_us_max:_},",
        f"    repairs_after_us={scenario.repairs_after_us:_},",
        f"    revives_after_us={scenario.revives_after_us:_},",
        ")",
    ]
    return "\n".join(lines) + "\n"
