"""A schedule may name what its cluster has, or will have: everything else is known for a mistake before the run."""

import pytest

from sim.cluster.config import ClusterConfig
from sim.cluster.security.acls.settings import AuthorizerSettings
from sim.cluster.topic_config import TopicConfig
from sim.faults import FAULT_TYPES, parse_fault
from sim.faults.names import HOSTS, UnknownNameError, check_names
from sim.faults.schedule import At, Entry, parse_entry
from sim.stories.runner import run
from sim.stories.scenario import Scenario

CLUSTER = ClusterConfig(topics=(TopicConfig("orders", partitions=2),), log_dirs=2, authorizer=AuthorizerSettings())


def check(*lines: str, cluster: ClusterConfig = CLUSTER) -> None:
    check_names(tuple(map(parse_entry, lines)), cluster)


@pytest.mark.parametrize("example", [text for kind in FAULT_TYPES for text in kind.EXAMPLE.split(" | ")])
def test_every_example_of_the_catalogue_names_what_is_there(example: str) -> None:
    somebody_reads = Entry(At(0), parse_fault("read orders in group billing as reader-1"))

    told = (somebody_reads, Entry(At(0), parse_fault(example)))
    check_names(told, CLUSTER, registries=["registry-1"], versions={"producer-1": 2})


@pytest.mark.parametrize(
    "fault, said",
    [
        ("crash b9", "broker 9, brokers are 1..3"),
        ("crash b0", "broker 0"),
        ("crash b1,b4", "broker 4"),
        ("restart b9", "broker 9"),
        ("pause leader(nope-0)", "topic 'nope', topics are orders"),
        ("resume followers(orders-2)", "partition orders-2, orders has 2"),
        ("slow b4 x2", "broker 4"),
        ("stop b9", "broker 9"),
        ("stop leader(nope-0)", "topic 'nope'"),
        ("roll b1,b9", "broker 9"),
        ("move orders-7", "partition orders-7"),
        ("elect nope-0 unclean", "topic 'nope'"),
        ("elect orders-2 preferred", "partition orders-2"),
        ("alter topic nope set min.insync.replicas=1", "topic 'nope'"),
        ("alter b9 delete message.max.bytes", "broker 9"),
        ("move orders-0 to b9", "broker 9"),
        ("shrink nope-0 by b2 for 2s", "topic 'nope'"),
        ("shrink orders-0 by b9 for 2s", "broker 9"),
        ("grow nope to 8 partitions", "topic 'nope'"),
        ("hold b1 -> b9", "broker 9"),
        ("cut nobody -> *", "host 'nobody', hosts are controller, producer-1, b1, b2, b3"),
        ("open b1 <-> leader(nope-0)", "topic 'nope'"),
        ("reset consumer-1 <-> b1", "host 'consumer-1'"),
        ("drop Produce nope-0 x1 by anybody then reset", "topic 'nope'"),
        ("delay Produce x1 by b9 for 3ms", "broker 9"),
        ("answer Produce orders-2 NOT_ENOUGH_REPLICAS x1 by anybody", "partition orders-2"),
        ("write orders-2", "partition orders-2"),
        ("write orders-0 to b9", "broker 9"),
        ("write orders-0, of billing", "application 'billing', applications are producer-1"),
        ("write orders-0 as producer-1", "a raw client 'producer-1', and somebody else is called that"),
        ("write orders-0 as controller", "a raw client 'controller', and somebody else is called that"),
    ],
)
def test_a_fault_that_names_what_is_never_there_is_known_before_the_run(fault: str, said: str) -> None:
    with pytest.raises(UnknownNameError) as raised:
        check("at 0s: pause b1", f"at 2s: {fault}")

    assert str(raised.value).startswith(f"'at 2s: {fault}' names {said}")


@pytest.mark.parametrize("fault", ["alter b1 set min.insync.replicas=1", "alter brokers delete min.insync.replicas"])
def test_an_alteration_that_the_cluster_never_allows_is_known_before_the_run(fault: str) -> None:
    with pytest.raises(
        UnknownNameError, match=r"is refused by Kafka: min\.insync\.replicas of .* while ELR is enabled"
    ):
        check(f"at 2s: {fault}")

    check(f"at 2s: {fault}", cluster=ClusterConfig(topics=CLUSTER.topics, eligible_leader_replicas=False))


def test_a_raw_client_is_on_the_network_and_in_the_trace() -> None:
    check(
        "at 1s: write orders-0 as zombie",
        "at 2s: cut zombie <-> *",
        "after RecordFailed client=zombie: write orders-1, of producer-1",
    )

    with pytest.raises(UnknownNameError, match="host 'zombi', hosts are controller, producer-1, zombie, b1"):
        check("at 1s: write orders-0 as zombie", "at 2s: cut zombi <-> *")


def test_a_moment_may_name_no_stranger_either() -> None:
    check("after BatchAppended#2 broker=leader(orders-1): crash b1")

    with pytest.raises(UnknownNameError, match="topic 'nope'"):
        check("after BatchAppended broker=leader(nope-0): crash b1")


def test_a_partition_that_is_there_once_the_topic_has_grown_may_be_named() -> None:
    check("at 1s: grow orders to 8 partitions", "at 2s: crash leader(orders-7)")

    with pytest.raises(UnknownNameError, match="orders-8, orders has 8"):
        check("at 1s: grow orders to 8 partitions", "at 2s: crash leader(orders-8)")


def test_where_topics_are_created_by_asking_any_topic_may_be_named() -> None:
    cluster = ClusterConfig(topics=CLUSTER.topics, auto_create_topics=True)

    check("at 2s: crash leader(nope-5)", "at 3s: grow nope to 8 partitions", cluster=cluster)
    with pytest.raises(UnknownNameError, match="broker 9"):
        check("at 2s: crash b9", cluster=cluster)


def test_an_entry_that_may_be_refused_may_name_anything() -> None:
    check("at 2s: crash b9 if possible", "at 2s: crash leader(nope-0) if possible")


@pytest.mark.parametrize("host", HOSTS)
def test_every_host_that_may_be_named_is_on_the_network(host: str) -> None:
    schedule = (parse_entry(f"at 0s: hold {host} <-> b1"),)

    report = run(Scenario(name="hosts", question="Are they there?", cluster=CLUSTER, schedule=schedule))

    assert not report.refused


def test_controllers_are_named_by_their_number_where_there_are_several() -> None:
    three = ClusterConfig(topics=CLUSTER.topics, controllers=3)

    check_names((parse_entry("at 1s: crash controller-3"), parse_entry("at 1s: cut b1 <-> controller-2")), three)
    for wanting, cluster in (("crash controller-4", three), ("crash controller-2", CLUSTER)):
        with pytest.raises(UnknownNameError, match="hosts are controller, "):
            check_names((parse_entry(f"at 1s: {wanting}"),), cluster)


def test_a_job_that_begins_again_by_itself_has_one_more_life_for_each_kill() -> None:
    kills = tuple(map(parse_entry, ("at 1s: kill job", "at 2s: kill job.2", "at 3s: cut job.3 <-> b1")))

    check_names(kills, CLUSTER, ["job"], restarting=["job"])
    with pytest.raises(UnknownNameError, match=r"names job\.2, job has 1 life"):
        check_names(kills, CLUSTER, ["job"])
    with pytest.raises(UnknownNameError, match=r"names job\.4, job has 3 lives at most"):
        check_names((*kills[:2], parse_entry("at 3s: pause job.4")), CLUSTER, ["job"], restarting=["job"])


@pytest.mark.parametrize("verb", ["grant", "deny", "revoke"])
def test_rights_change_only_where_somebody_looks_at_them(verb: str) -> None:
    line = f"at 2s: {verb} User:shop WRITE topic orders"

    check(line)
    with pytest.raises(UnknownNameError, match="no authorizer"):
        check(line, cluster=ClusterConfig(topics=CLUSTER.topics))
