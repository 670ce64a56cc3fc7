"""Stories with secrets, drawn: policies and keys, logins right and wrong, and faults of every kind; a number and a seed give one story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from producer.client.sasl.mechanism import PLAIN, SCRAM_SHA_256, SCRAM_SHA_512
from sim.cluster.cluster import Cluster
from sim.cluster.security.listeners import Listener, SecurityProtocol
from sim.cluster.security.users import Authentication, User
from sim.explore.course import Course, undisturbed
from sim.explore.draw import StreamChoices, drawn
from sim.explore.kinds import ALL_KINDS, KINDS
from sim.judges.report import Report
from sim.key_service.host import KeyServiceHost
from sim.stories.runner import run
from sim.stories.scenario import Scenario, load
from sim.world.kernel import Stream

STORIES = (
    "masked_field_still_joins",
    "missing_key_passes_plaintext+on_missing_key=refuse",
    "key_rotation_lag",
    "encrypted_key_defeats_compaction",
    "policy_refuses_one_record_of_a_batch",
    "policy_refuses_one_record_of_a_batch+on_violation=dead_letter",
    "policy_refuses_one_record_of_a_batch+on_violation=count",
    "audit_gap_is_found",
    "audit_gap_is_found+write_ahead=1",
    "acl_revoked_in_mid_stream",
    "default_config",
    "policy_at_the_gateway",
    "policy_at_the_gateway+on_violation=dead_letter",
    "gateway_dies_in_mid_stream",
)
MECHANISMS = (PLAIN, SCRAM_SHA_256, SCRAM_SHA_512)
ASKING = Listener("CLIENTS", SecurityProtocol.SASL_PLAINTEXT, 9094, MECHANISMS)
ODD = ("", 'a "quote"', "back\\slash", "ümläut", "per%cent;=")
"""What a password has within beside its letters: each is written in another way somewhere."""
DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789"
LETTERS = 16
DELETED = "Ada's address"
"""In `encrypted_key_defeats_compaction` it stands in a field that no policy hides, and is to go by compaction: until then it is told as any value."""


@dataclass(frozen=True)
class Told:
    """A story that was run, and what was planted in it."""

    scenario: Scenario
    report: Report
    secrets: Mapping[str, bytes]


@cache
def _course(name: str) -> Course:
    return undisturbed(load(name), 0, is_warm=False)


def told(number: int, *, seed: int = 0, names: Sequence[str] = STORIES) -> Told:
    """Draw one of the stories and run it."""
    choices = StreamChoices(Stream(seed=seed, name=f"planted secrets/{number}"))
    name = choices.one_of(names)
    scenario, passwords = _with_logins(load(name), choices)
    kinds = [*KINDS.values()]
    if scenario.gateway is not None:
        kinds += [kind for kind in ALL_KINDS.values() if kind.is_of_gateway]
    faults = drawn(number, seed=seed, course=_course(name), kinds=kinds)
    kept: list[Cluster] = []
    report = run(scenario, number, faults=faults, at_end=kept.append)
    return Told(scenario, report, {**passwords, **_values(scenario), **_keys(kept[0])})


def _with_logins(scenario: Scenario, choices: StreamChoices) -> tuple[Scenario, dict[str, bytes]]:
    """Let each application log in, by a password that nobody else has; one in four guesses another."""
    users, secrets = [], {}
    applications = []
    for one in scenario.cast:
        password = _password(choices)
        secrets[f"password of {one.name}"] = password.encode()
        users.append(User(one.name, password))
        login = {
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": choices.one_of(MECHANISMS),
            "sasl.username": one.name,
        }
        if choices.one_of((False, False, False, True)):
            guess = _password(choices)
            secrets[f"guess of {one.name}"] = guess.encode()
            login["sasl.password"] = guess
        elif choices.one_of((False, True)):
            login["sasl.password"] = password
        applications.append(replace(one, producer={**one.producer, **login}))
    cluster = replace(
        scenario.cluster, listeners=(Listener(), ASKING), authentication=Authentication(users=tuple(users))
    )
    if scenario.gateway is not None:
        scenario = replace(scenario, gateway=replace(scenario.gateway, audit=True))
    if scenario.applications:
        return replace(scenario, cluster=cluster, applications=tuple(applications)), secrets
    return replace(scenario, cluster=cluster, producer=applications[0].producer), secrets


def _password(choices: StreamChoices) -> str:
    return "".join([choices.one_of(DIGITS) for _ in range(LETTERS)]) + choices.one_of(ODD)


def _values(scenario: Scenario) -> dict[str, bytes]:
    """Give what the story itself wants kept secret: the protected fields of its records."""
    hides_keys = scenario.name.startswith("encrypted_key_defeats_compaction")
    hidden = [one for one in scenario.secrets if not (hides_keys and one.name == DELETED)]
    return {secret.name: secret.text.encode() for secret in hidden}


def _keys(cluster: Cluster) -> dict[str, bytes]:
    """Give the keys of tenants and of tokens, as the key service has them."""
    host = cluster.keys
    if not isinstance(host, KeyServiceHost):
        return {}
    service = host.keys
    masks = {f"key of {name}": key for name, key in service.masks.items()}
    tenants = {
        f"key {version} of {name}": key
        for name, known in service.tenants.items()
        for version, key in known.versions.items()
    }
    return {**masks, **tenants}
