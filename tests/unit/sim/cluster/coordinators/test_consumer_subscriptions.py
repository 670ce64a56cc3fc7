"""Members that subscribe by regular expressions, which are resolved beside the heartbeats."""

import re

import pytest

from producer.errors import Code
from sim.cluster.coordinators.groups.consumer.regular_expressions import check_regular_expression, matching
from sim.cluster.coordinators.shard import CoordinatorError
from sim.cluster.topic_config import TopicConfig
from tests.unit.sim.consumer_group_client import ASSIGNMENT_INTERVAL_S, ConsumerGroupLab, Member


def test_a_regular_expression_is_resolved_beside_the_heartbeats_and_follows_new_topics() -> None:
    lab = ConsumerGroupLab(TopicConfig("orders", partitions=2), TopicConfig("other", partitions=1))
    member = Member(lab, "A", topics=None, regex="ord.*")

    joined = member.join()
    lab.run(ASSIGNMENT_INTERVAL_S)
    member.beat()
    first = member.assigned
    lab.cluster.create_topic(TopicConfig("orders-of-today", partitions=3))
    lab.run(11)
    member.beat()
    lab.run(1)
    member.beat()

    assert (joined.member_epoch, joined.assignment.topic_partitions) == (1, ())
    assert first == (0, 1)
    assert len(member.assigned) == 5


def test_an_expression_that_is_none_is_refused_with_its_reason() -> None:
    told = Member(ConsumerGroupLab(), "A", topics=None, regex="(").join()

    assert told.error_code == Code.INVALID_REGULAR_EXPRESSION
    assert told.error_message == "SubscribedTopicRegex `(` is not a valid regular expression: missing closing )."


@pytest.mark.parametrize(
    ("regex", "topics"),
    [
        ("a.c", ("abc", "axc")),
        ("a", ()),
        ("[[:alpha:]]+", ("abc", "axc")),
        (r"\Qa.c\E", ("a.c",)),
        (r"\d{2}\z", ("12",)),
        ("(?i)ABC", ("abc",)),
        ("(?P<n>a)bc|12", ("12", "abc")),
    ],
)
def test_an_expression_of_re2j_matches_whole_names(regex: str, topics: tuple[str, ...]) -> None:
    names = ("axc", "abc", "12", "a.c") if topics == ("a.c",) else ("axc", "abc", "12")

    assert matching(regex, names) == topics


@pytest.mark.parametrize(
    ("regex", "reason"),
    [
        ("(", "missing closing )"),
        ("[a", "missing closing ]"),
        ("a**", "invalid nested repetition operator"),
        ("a++", "invalid nested repetition operator"),
        ("*a", "missing argument to repetition operator"),
        ("(?=a)", "invalid or unsupported Perl syntax"),
        (r"(a)\1", "invalid escape sequence"),
        ("a{2,1}", "invalid repeat count"),
        ("a{1001}", "invalid repeat count"),
    ],
)
def test_what_re2j_does_not_know_is_refused_with_re2js_reason(regex: str, reason: str) -> None:
    with pytest.raises(CoordinatorError, match=re.escape(f": {reason}.")):
        check_regular_expression(regex)

    assert matching(regex, ["a", "aa"]) == ()
