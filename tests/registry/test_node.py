"""Registries on a simulated cluster: `_schemas` is their log, one of several leads, and each fails as Confluent's do."""

from __future__ import annotations

import pytest

from producer.records import TopicPartition
from sim.faults.links import CutLink, HoldLink
from sim.faults.targets import parse_host
from sim.registry.core.records import decode
from sim.registry.core.state import State
from sim.registry.node.log import TIMEOUT_US, TOPIC
from sim.trace.events import RecordAcknowledged, RegistryEnded, RegistryLed, SegmentsCleaned
from sim.world.network import Endpoint
from sim.world.units import SECOND_US
from tests.registry.asking import ORDER, ORDER_WITH_DEFAULT, ORDER_WITHOUT
from tests.registry.staging import ASKER, Staged


def test_what_is_registered_is_in_the_log_of_the_cluster_before_it_is_answered() -> None:
    staged = Staged()

    said = staged.register("registry-1", "s", ORDER)

    assert (said.status, said.body["id"], said.body["version"]) == (200, 1, 1)
    written = [event for event in staged.trace.events if isinstance(event, RecordAcknowledged)]
    assert {(event.client, event.topic, event.partition) for event in written} == {("registry-1", TOPIC, 0)}
    leader = staged.cluster.brokers[staged.cluster.leader_of(TopicPartition(TOPIC, 0))]
    assert leader.process is not None
    assert leader.process.replicas.partitions[TopicPartition(TOPIC, 0)].log.end_offset == len(written)
    assert staged.ask("registry-1", "GET", "/schemas/ids/1").status == 200
    assert staged.register("registry-1", "s", ORDER_WITHOUT).code == 409


def test_another_life_knows_what_the_one_before_has_written() -> None:
    staged = Staged()
    staged.register("registry-1", "s", ORDER)

    staged.registries.kill("registry-1")
    staged.registries.start("registry-1")
    staged.until(staged.registries.is_settled)

    assert staged.ask("registry-1", "GET", "/subjects/s/versions/1").body["id"] == 1
    assert staged.register("registry-1", "s", ORDER_WITH_DEFAULT).body["id"] == 2


def test_one_of_several_leads_and_the_others_pass_writes_on() -> None:
    staged = Staged(3)
    first, second = staged.followers

    assert staged.register(first, "s", ORDER).body["id"] == 1
    staged.after(SECOND_US)
    for name in (staged.leader, first, second):
        assert staged.ask(name, "GET", "/schemas/ids/1").status == 200
    assert staged.register(second, "s", ORDER_WITHOUT).code == 409
    assert staged.ask(first, "DELETE", "/subjects/s").body == [1]
    assert staged.ask(second, "PUT", "/config", {"compatibility": "NOTHING"}).code == 42203


def test_what_a_follower_finds_it_answers_without_its_leader() -> None:
    staged = Staged(2)
    follower = staged.followers[0]
    staged.register(staged.leader, "s", ORDER)
    staged.after(SECOND_US)
    staged.registries.pause(staged.leader)

    assert staged.register(follower, "s", ORDER).body["id"] == 1


def test_a_leader_that_is_killed_is_replaced_when_its_session_is_over() -> None:
    staged = Staged(3)
    old = staged.leader
    staged.register(old, "s", ORDER)
    killed_us = staged.world.now_us
    staged.registries.kill(old)
    follower = staged.followers[0]

    assert staged.register(follower, "s", ORDER_WITH_DEFAULT).code == 50003
    staged.until(staged.registries.is_settled)

    assert staged.leader != old
    assert 5 * SECOND_US < staged.world.now_us - killed_us < 25 * SECOND_US
    assert staged.register(follower, "s", ORDER_WITH_DEFAULT).body["id"] == 2


def test_a_leader_that_stops_in_good_order_is_replaced_within_a_heartbeat_or_two() -> None:
    staged = Staged(2)
    old = staged.leader
    stopped_us = staged.world.now_us
    staged.registries.stop(old)
    staged.until(lambda: staged.registries.leaders not in ((), (old,)))

    assert staged.world.now_us - stopped_us < 7 * SECOND_US
    assert staged.register(staged.leader, "s", ORDER).status == 200


def test_who_comes_back_does_not_take_the_lead() -> None:
    staged = Staged(2)
    old = staged.leader
    staged.registries.kill(old)
    staged.until(staged.registries.is_settled)
    new = staged.leader
    staged.registries.start(old)
    staged.until(staged.registries.is_settled)

    assert staged.leader == new


def test_a_follower_that_hears_no_broker_is_stale_and_answers_all_the_same() -> None:
    staged = Staged(2)
    follower = staged.followers[0]
    staged.register(staged.leader, "s", ORDER)
    staged.after(SECOND_US)
    for broker in (1, 2, 3):
        HoldLink(parse_host(follower), parse_host(f"b{broker}")).inject(staged.cluster)

    staged.register(staged.leader, "s", ORDER_WITH_DEFAULT)

    assert staged.ask(follower, "GET", "/subjects/s/versions").body == [1]
    assert staged.ask(follower, "GET", "/schemas/ids/2").code == 40403
    staged.cluster.network.open_all()
    staged.until(lambda: staged.ask(follower, "GET", "/subjects/s/versions").body == [1, 2])


def test_a_leader_whose_partition_has_no_leader_answers_that_it_timed_out() -> None:
    staged = Staged()
    staged.register("registry-1", "s", ORDER)
    for broker in (1, 2, 3):
        staged.cluster.pause(broker)
    began_us = staged.world.now_us

    said = staged.register("registry-1", "s", ORDER_WITH_DEFAULT)

    assert said.code == 50002
    assert TIMEOUT_US <= staged.world.now_us - began_us < 2 * TIMEOUT_US
    # Nobody knows whether it is written. It is, and is found when it is asked for again.
    for broker in (1, 2, 3):
        staged.cluster.resume(broker)
    staged.after(30 * SECOND_US)
    assert staged.register("registry-1", "s", ORDER_WITH_DEFAULT).body["id"] == 2
    assert staged.ask("registry-1", "GET", "/subjects/s/versions").body == [1, 2]


def test_a_registry_without_brokers_does_not_begin() -> None:
    staged = Staged(begins=False)
    staged.registries._create_topic()
    staged.after(SECOND_US)
    for broker in (1, 2, 3):
        staged.cluster.crash(broker)
    staged.registries.start("registry-1")
    refused = staged.begin("registry-1", "GET", "/subjects")
    staged.after(SECOND_US)
    assert refused == ["connection refused"]

    staged.until(lambda: staged.registries.nodes["registry-1"].is_over)


@pytest.mark.parametrize("is_healed", [True, False])
def test_who_cannot_begin_is_begun_again_after_a_heal_alone(*, is_healed: bool) -> None:
    staged = Staged(2, seed=1)
    for broker in (1, 2, 3):
        staged.cluster.crash(broker)
    staged.registries.kill("registry-2")
    staged.after(SECOND_US)

    if is_healed:
        staged.registries.heal()
    else:
        staged.registries.start("registry-2")
    staged.after(61 * SECOND_US)
    ends = [one.how for one in staged.trace.events if isinstance(one, RegistryEnded) and one.registry == "registry-2"]
    assert len(ends) == 2
    assert ends[1].startswith("could not begin")
    staged.cluster.heal()
    staged.until(staged.cluster.is_settled)
    staged.after(61 * SECOND_US)

    assert staged.registries.nodes["registry-2"].is_serving is is_healed


def test_a_paused_registry_answers_when_it_goes_on() -> None:
    staged = Staged()
    staged.registries.pause("registry-1")
    answers = staged.begin("registry-1", "GET", "/subjects")
    staged.after(3 * SECOND_US)
    assert answers == []

    staged.registries.resume("registry-1")
    staged.until(lambda: bool(answers))
    assert answers[0].body == []  # type: ignore[union-attr]


def test_an_unreachable_registry_answers_nobody_and_loses_nothing() -> None:
    staged = Staged()
    CutLink(parse_host(ASKER), parse_host("registry-1")).inject(staged.cluster)
    answers = staged.begin("registry-1", "POST", "/subjects/s/versions", {"schema": ORDER}, timeout_us=5 * SECOND_US)
    staged.after(10 * SECOND_US)

    assert answers == ["no answer within 5000000 us"]
    staged.cluster.network.open_all()
    assert staged.ask("registry-1", "GET", "/subjects").body == []


def test_a_paused_leader_takes_itself_for_one_until_it_hears_otherwise_and_nothing_is_registered_twice() -> None:
    staged = Staged(2)
    old = staged.leader
    staged.register(old, "s", ORDER)
    staged.registries.pause(old)
    staged.until(lambda: len(staged.registries.leaders) == 2)
    new = next(name for name in staged.registries.leaders if name != old)
    assert staged.register(new, "s", ORDER_WITH_DEFAULT).body["id"] == 2

    late = staged.begin(old, "POST", "/subjects/t/versions", {"schema": ORDER_WITHOUT})
    staged.registries.resume(old)
    staged.until(lambda: bool(late) and staged.registries.is_settled())

    assert staged.registries.leaders == (new,)
    staged.after(SECOND_US)
    told = [staged.ask(name, "GET", "/schemas?deleted=true").body for name in (old, new)]
    assert told[0] == told[1]
    ids = {(one["id"], one["schema"]) for one in told[0]}
    assert len({number for number, _ in ids}) == len(ids), "an id has come to mean two schemas"


def test_a_leader_cut_off_from_its_group_leads_on_for_a_sessions_time_and_then_writes_nothing() -> None:
    staged = Staged(2, seed=3)
    old, other = staged.leader, staged.followers[0]
    coordinator = staged.cluster.coordinator_of("schema-registry")
    log = TopicPartition(TOPIC, 0)
    if coordinator == staged.cluster.leader_of(log):
        staged.cluster.move_leader(log, next(one for one in (1, 2, 3) if one != coordinator))
        staged.after(SECOND_US)
    CutLink(parse_host(old), parse_host(f"b{coordinator}")).inject(staged.cluster)
    staged.after(3 * SECOND_US)

    assert staged.register(old, "s", ORDER).body["id"] == 1
    staged.until(lambda: staged.registries.leaders == (other,))
    assert staged.register(old, "s", ORDER_WITH_DEFAULT).code == 50004
    assert staged.register(other, "s", ORDER_WITH_DEFAULT).body["id"] == 2


def test_the_same_seed_gives_the_same_trace() -> None:
    def digest(seed: int) -> str:
        staged = Staged(2, seed=seed)
        staged.register(staged.followers[0], "s", ORDER)
        staged.registries.kill(staged.leader)
        staged.after(20 * SECOND_US)
        return staged.trace.digest()

    assert digest(5) == digest(5)
    assert digest(5) != digest(6)


def test_the_trace_tells_who_led() -> None:
    staged = Staged(2)
    led = [event for event in staged.trace.events if isinstance(event, RegistryLed) and event.leader]

    assert {event.registry for event in led} == {"registry-1", "registry-2"}
    assert led[-1].leader == staged.leader


def test_records_of_somebody_elses_are_passed_over() -> None:
    staged = Staged()
    staged.write(b"what?", b"hello")
    staged.after(SECOND_US)

    assert [offset for offset, _ in staged.registries.nodes["registry-1"].nonsense] == [1]
    assert staged.register("registry-1", "s", ORDER).status == 200


def test_two_leaders_ids_are_told_apart_when_the_log_is_read() -> None:
    """What two leaders wrote of one id: whoever reads it takes the first for it."""
    staged = Staged()
    staged.register("registry-1", "a", ORDER)
    state = State()
    first = b'{"keytype":"SCHEMA","subject":"a","version":1,"magic":1}'
    second = b'{"keytype":"SCHEMA","subject":"b","version":1,"magic":1}'
    state.take(decode(first, b'{"subject":"a","version":1,"id":1,"schema":"\\"int\\"","deleted":false}'))
    state.take(decode(second, b'{"subject":"b","version":1,"id":1,"schema":"\\"long\\"","deleted":false}'))

    assert state.conflicts == 1
    assert state.subjects == ("a",)


@pytest.mark.parametrize("subject", ["s", "t"])
def test_an_id_that_was_given_a_second_time_is_taken_back_in_the_log(subject: str) -> None:
    staged = Staged()
    staged.register("registry-1", "s", ORDER)
    key = f'{{"keytype":"SCHEMA","subject":"{subject}","version":1,"magic":1}}'.encode()
    value = f'{{"subject":"{subject}","version":1,"id":1,"schema":"\\"long\\"","deleted":false}}'.encode()
    staged.write(key, value)
    staged.after(SECOND_US)

    for _ in range(2):
        assert "Order" in staged.ask("registry-1", "GET", "/schemas/ids/1").body["schema"]
        assert staged.ask("registry-1", "GET", "/subjects").body == ["s"]
        staged.registries.kill("registry-1")
        staged.registries.start("registry-1")
        staged.until(staged.registries.is_settled)
    # Compacted, the log would hold the last record of each key alone.
    last = dict(staged.read_log())
    compacted = State()
    for one in last.items():
        compacted.take(decode(*one))
    assert compacted.conflicts == 0
    assert compacted.subjects == ("s",)


def test_a_broker_that_leads_the_log_may_crash_and_the_next_life_reads_what_was_acknowledged() -> None:
    staged = Staged()
    staged.register("registry-1", "s", ORDER)
    staged.cluster.crash(staged.cluster.leader_of(TopicPartition(TOPIC, 0)))
    said = staged.register("registry-1", "s", ORDER_WITH_DEFAULT)
    assert said.code in (0, 50001, 50002)
    staged.after(15 * SECOND_US)

    assert staged.register("registry-1", "s", ORDER_WITH_DEFAULT).body["id"] == 2
    staged.registries.kill("registry-1")
    staged.registries.start("registry-1")
    staged.until(staged.registries.is_settled)
    assert staged.ask("registry-1", "GET", "/subjects/s/versions").body == [1, 2]


def test_compacted_by_its_brokers_the_log_says_the_same() -> None:
    staged = Staged()
    for name, value in (("segment.ms", "1000"), ("min.cleanable.dirty.ratio", "0.01")):
        staged.cluster.alter_topic(TOPIC, name, value)
    staged.register("registry-1", "s", ORDER)
    staged.register("registry-1", "s", ORDER_WITH_DEFAULT)
    staged.ask("registry-1", "DELETE", "/subjects/s/versions/1")
    for level in ("FULL", "NONE", "FORWARD", "BACKWARD") * 3:
        staged.after(2 * SECOND_US)
        assert staged.ask("registry-1", "PUT", "/config/s", {"compatibility": level}).status == 200
    staged.after(60 * SECOND_US)
    assert any(isinstance(event, SegmentsCleaned) and event.removed for event in staged.trace.events)
    asked = ("/subjects/s/versions?deleted=true", "/config/s", "/schemas?deleted=true", "/schemas/ids/1")
    told = [staged.ask("registry-1", "GET", one).body for one in asked]

    staged.registries.kill("registry-1")
    staged.registries.start("registry-1")
    staged.until(staged.registries.is_settled)

    assert [staged.ask("registry-1", "GET", one).body for one in asked] == told


def test_who_sends_half_a_request_is_told_so_and_nothing_is_registered() -> None:
    staged = Staged()
    heard: list[bytes] = []
    ended: list[str] = []

    def opened(endpoint: Endpoint) -> None:
        endpoint.on_received = heard.append
        endpoint.on_closed = ended.append
        endpoint.send(b"POST /subjects/s/versions HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{")

    staged.cluster.network.connect(staged.asker, "registry-1", connection=1, on_open=opened, on_failed=ended.append)
    staged.until(lambda: bool(ended))

    assert heard[0].startswith(b"HTTP/1.1 408 ")
    assert staged.ask("registry-1", "GET", "/subjects").body == []


@pytest.mark.parametrize("count", [0, -1])
def test_no_registry_is_none(count: int) -> None:
    with pytest.raises(ValueError, match=str(count)):
        Staged(count)
