"""A scenario as plain values is the same scenario when it is read again, or is said to have something that is not told."""

import json

import pytest

from producer.records import Record
from sim.faults.points import phase_ended
from sim.faults.words import after, at
from sim.stories.conditions import led
from sim.stories.fingerprint import fingerprint
from sim.stories.scenario import ClusterConfig, Scenario, TopicConfig, load, names
from sim.stories.secrets import Secret
from sim.stories.workload import CompositeKeys, HotKey, Phase, Workload
from sim.stories.written import NotReadError, NotWrittenError, has_policy, read, written

SECRETIVE = (
    "acl_revoked_in_mid_stream",
    "deny_before_allow",
    "masked_field_still_joins",
    "missing_key_passes_plaintext",
    "prefix_acl_too_wide",
)
"""Stories of the catalogue with passwords or planted secrets."""


def plain(name: str = "mine", **changed: object) -> Scenario:
    cluster = ClusterConfig(topics=(TopicConfig("orders"),))
    return Scenario(**{"name": name, "question": "Is it?", "cluster": cluster, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", names())
def test_every_story_of_the_catalogue_is_read_as_it_was_or_has_secrets(name: str) -> None:
    story = load(name)
    if story.secrets or story.cluster.authentication.users or has_policy(story):
        with pytest.raises(NotWrittenError, match=r"it has secrets|it has a policy"):
            written(story)
        return

    text = json.dumps(written(story))
    again = read(json.loads(text))

    assert again == story
    assert fingerprint(again) == fingerprint(story)


@pytest.mark.parametrize("name", SECRETIVE)
def test_a_story_with_secrets_is_not_told(name: str) -> None:
    with pytest.raises(NotWrittenError, match=r"it has secrets|it has a policy"):
        written(load(name))


@pytest.mark.parametrize(
    "story",
    [
        plain(),
        plain(workload=Workload(records=(Record("orders", b"\xff\x00", b"k", 0, (("h", None), ("i", b"1"))),))),
        plain(workload=Workload(keys=CompositeKeys(HotKey(percent=60, others=3), 2), phases=(Phase(), Phase(waits_for=led("orders-0"))))),
        plain(workload=Workload(phases=(Phase(), Phase(waits_for=phase_ended(1), quiet_us=5)))),
        plain(schedule=(at("1.5s").crash("b1"), after(phase_ended(1)).wait(7).restart("b1").if_possible())),
        plain(readers=(at(0).read("orders", name="audit"),), expects=frozenset({"lost", "reordered"}), settings={"orders.min.insync.replicas": "1"}),
        plain(producer={"acks": "1"}, notes="n", duration_us_max=9_000_000),
    ],
)  # fmt: skip
def test_what_a_story_is_made_of_comes_back(story: Scenario) -> None:
    assert read(json.loads(json.dumps(written(story)))) == story


def test_what_is_as_ever_is_left_out() -> None:
    assert written(plain()) == {
        "name": "mine",
        "question": "Is it?",
        "cluster": {"ClusterConfig": {"topics": [{"TopicConfig": {"name": "orders"}}]}},
    }


class OddKeys:
    """Keys of a scenario's own."""

    def key(self, number: int, chance: object) -> bytes | None:
        return b"odd"


def test_a_class_of_its_own_is_named() -> None:
    with pytest.raises(NotWrittenError, match="it has a OddKeys of its own"):
        written(plain(workload=Workload(keys=OddKeys())))


def test_secrets_are_found_wherever_they_are() -> None:
    for story in (
        plain(producer={"sasl.password": "geheim"}),
        plain(producer={"sasl_plain_password": "geheim"}),
        plain(producer={"schema_registry_basic_auth_user_info": "me:geheim"}),
        plain(reading_as={"sasl.password": "geheim"}),
        plain(secrets=(Secret("card", "4111-1111"),)),
    ):
        with pytest.raises(NotWrittenError, match="it has secrets"):
            written(story)


def test_what_is_nested_without_end_is_refused() -> None:
    deep: object = 1
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(NotReadError, match="it is nested too deep"):
        read({"name": "mine", "question": "Is it?", "notes": deep})


@pytest.mark.parametrize(
    "given, said",
    [
        ({"cluster": {"Popen": {"args": "true"}}}, "Popen is nothing that a story is made of"),
        ({"cluster": {"User": {"name": "a", "password": "b"}}}, "User is nothing that a story is made of"),
        ({"cluster": 3}, "Scenario: "),
        ({"cluster": {"ClusterConfig": {"broker": 3}}}, "ClusterConfig: .*unexpected keyword argument 'broker'"),
        ({"cluster": {"ClusterConfig": {}}, "schedule": [{"entry": "at 2s: crush b1"}]}, "'crush b1' is not a fault"),
        ({"cluster": {"one": 1, "two": 2}}, "is no value of a story"),
        ({"cluster": {"SecurityProtocol": "NONSENSE"}}, "SecurityProtocol: 'NONSENSE'"),
    ],
)
def test_what_is_no_story_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(NotReadError, match=said):
        read({"name": "mine", "question": "Is it?", **given})
