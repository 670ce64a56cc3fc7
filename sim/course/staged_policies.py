"""A story of applications with rights, policies and keys, written down as a file of the learner's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.stories.applications import Application
    from sim.stories.scenario import Scenario


def source_of_policies(scenario: Scenario, *, seed: int) -> str:
    """Write a scenario with an authorizer, users, a key service, and applications that bring records, as Python; run it with that seed."""
    cluster, keys = scenario.cluster, scenario.keys
    assert cluster.authorizer is not None, "a story of rights has an authorizer"
    assert keys is not None, "a story of policies has a key service"
    lines = [
        f'"""{scenario.question}',
        "",
        "Written by `acklab learn check`. Change one thing and run it again:",
        "",
        f"    acklab run {scenario.name}.py --seed {seed}",
        '"""',
        "",
        "from producer import Record",
        "from sim import Application, Authentication, AuthorizerSettings, ClusterConfig, KeyServiceConfig, Listener, Phase, Scenario",
        "from sim import Secret, SecurityProtocol, TopicConfig, User, Workload, parse_entry",
        "",
        "SCENARIO = Scenario(",
        f"    name={scenario.name!r},",
        f"    question={scenario.question!r},",
        "    cluster=ClusterConfig(",
        "        topics=(",
        *(f"            TopicConfig({topic.name!r})," for topic in cluster.topics),
        "        ),",
        "        listeners=(",
        *(
            f"            Listener({one.name!r}, SecurityProtocol.{one.protocol.name}, {one.port}, mechanisms={one.mechanisms!r}),"
            for one in cluster.listeners
        ),
        "        ),",
        "        authentication=Authentication(users=(",
        *(f"            User({one.name!r}, {one.password!r})," for one in cluster.authentication.users),
        "        )),",
        f"        authorizer=AuthorizerSettings(super_users={cluster.authorizer.super_users!r}),",
        "    ),",
        f"    keys=KeyServiceConfig(tenants={keys.tenants!r}, masks={keys.masks!r}),",
        "    secrets=(",
        *(f"        Secret({one.name!r}, {one.text!r})," for one in scenario.secrets),
        "    ),",
        "    applications=(",
        *(line for one in scenario.applications for line in _application(one)),
        "    ),",
        "    schedule=tuple(parse_entry(line) for line in (",
        *(f"        {str(entry)!r}," for entry in scenario.schedule),
        "    )),",
        ")",
    ]
    return "\n".join(lines) + "\n"


def _application(one: Application) -> Iterator[str]:
    (phase,) = one.workload.phases
    assert isinstance(one.workload.records, tuple), "it brings its records"
    yield "        Application("
    yield f"            name={one.name!r},"
    yield f"            producer={dict(one.producer)!r},"
    yield f"            starts_after_us={one.starts_after_us!r},"
    yield f"            policy={one.policy!r},"
    yield "            workload=Workload("
    yield "                records=("
    yield from (f"                    Record({record.topic!r}, {record.value!r})," for record in one.workload.records)
    yield "                ),"
    yield f"                phases=(Phase(every_us={phase.every_us:_}),),"
    yield "            ),"
    yield "        ),"
