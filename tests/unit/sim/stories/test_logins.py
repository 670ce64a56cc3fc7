"""Stories whose applications and readers log in: right, wrong, and without a secret in what is told of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from producer.client.sasl.mechanism import PLAIN, SCRAM_SHA_256, SCRAM_SHA_512
from producer.errors import Code, ConfigError
from sim import ClusterConfig, Scenario, TopicConfig, Workload, at
from sim.cluster.security.listeners import Listener, SecurityProtocol
from sim.cluster.security.users import Authentication, User
from sim.judges.verdict import State
from sim.stories.properties import own_properties
from sim.stories.runner import run
from sim.stories.witness import Witness
from sim.trace.events import AuthenticationFailed, ClientAuthenticated, RecordAcknowledged, RecordFailed

PLANTED = "pl4nted-s3cret"
ASKING = Listener("CLIENTS", SecurityProtocol.SASL_PLAINTEXT, 9094, (PLAIN, SCRAM_SHA_256, SCRAM_SHA_512))
LISTENERS = (Listener(), ASKING)
USERS = Authentication(users=(User("orders-service", PLANTED), User("reader", PLANTED)))


def login(mechanism: str, user: str = "orders-service", password: str = PLANTED) -> dict[str, str]:
    return {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": mechanism,
        "sasl.username": user,
        "sasl.password": password,
    }


def story(producer: dict[str, str], listeners: tuple[Listener, ...] = LISTENERS, **more: object) -> Scenario:
    cluster = ClusterConfig(topics=(TopicConfig("orders"),), listeners=listeners, authentication=USERS)
    told = Scenario(
        name="logs_in",
        question="Is who logs in served?",
        cluster=cluster,
        producer=producer,
        workload=Workload(records=10),
    )
    return replace(told, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("mechanism", [PLAIN, SCRAM_SHA_256, SCRAM_SHA_512])
def test_an_application_that_knows_its_password_writes(mechanism: str) -> None:
    report = run(story(login(mechanism)), 1)

    acknowledged = [event for event in report.trace if isinstance(event, RecordAcknowledged)]
    known = {event.principal for event in report.trace if isinstance(event, ClientAuthenticated)}
    assert len(acknowledged) == 10
    assert known == {"User:orders-service"}
    assert all(verdict.state is not State.VIOLATED for verdict in report.verdicts)


def test_readers_log_in_too_where_nobody_comes_otherwise() -> None:
    told = story(
        login(SCRAM_SHA_512),
        listeners=(ASKING,),
        reading_as=login(SCRAM_SHA_256, "reader"),
        readers=(at(0).read("orders"), at(0).read("orders", group="app")),
    )

    report = run(told, 1)

    known = {event.principal for event in report.trace if isinstance(event, ClientAuthenticated)}
    assert known == {"User:orders-service", "User:reader"}
    assert all(verdict.state is State.HOLDS for verdict in report.verdicts if verdict.guarantee in {"lost", "unread"})


@pytest.mark.parametrize("mechanism", [PLAIN, SCRAM_SHA_256])
def test_a_wrong_password_fails_every_record_with_the_brokers_error_and_is_told_nowhere(mechanism: str) -> None:
    report = run(story(login(mechanism, password="gu3ssed")), 1)

    failed = [event for event in report.trace if isinstance(event, RecordFailed)]
    refused = [event for event in report.trace if isinstance(event, AuthenticationFailed)]
    assert len(failed) == 10
    assert {event.code for event in failed} <= {Code.SASL_AUTHENTICATION_FAILED, -1_000}
    assert refused
    assert "gu3ssed" not in "\n".join(map(repr, report.trace))


def test_the_same_seed_gives_the_same_run() -> None:
    told = story(login(SCRAM_SHA_256))

    assert run(told, 7).digest == run(told, 7).digest != run(told, 8).digest


def test_no_secret_is_in_a_trace_a_report_or_a_witness_and_the_witness_runs_again() -> None:
    told = story(login(SCRAM_SHA_256))
    report = run(told, 1)
    witness = Witness.of(report, scenario="logs_in", records=None, story=told)

    for text in (json.dumps(report.as_json(), default=repr), witness.model_dump_json(), repr(own_properties(told))):
        assert PLANTED not in text
        assert "orders-service" in text
    assert PLANTED not in "\n".join(map(repr, report.trace))
    assert run(witness.staged(told), 1).digest == report.digest


@pytest.mark.parametrize(
    ("producer", "why"),
    [
        ({"security.protocol": "SSL"}, "there is no TLS"),
        ({**login(PLAIN), "security.protocol": "SASL_SSL"}, "there is no TLS"),
    ],
)
def test_what_a_simulated_network_has_not_is_refused(producer: dict[str, str], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        run(story(producer), 1)


def test_who_comes_by_a_door_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match="SASL_PLAINTEXT, and the cluster's listeners speak PLAINTEXT"):
        run(story(login(PLAIN), listeners=(Listener(),)), 1)
    with pytest.raises(ConfigError, match="PLAINTEXT, and the cluster's listeners speak SASL_PLAINTEXT"):
        run(story({}, listeners=(ASKING,)), 1)
    with pytest.raises(ConfigError, match=r"acks says nothing of how to log in"):
        run(story(login(PLAIN), reading_as={"acks": "1"}), 1)
