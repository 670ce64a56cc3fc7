"""`acklab watch STORY --beside …`: two runs compared, as text and as values."""

import json

from tests.cli.conftest import Acklab

STORY = "acks_one_leader_crash"


def test_watch_beside_tells_the_first_difference_that_matters(acklab: Acklab) -> None:
    told = acklab("watch", STORY, "--beside", "acks=all", "--plain")

    assert told.status == 1
    assert "record 16: told as written, offset 15, when it is on b1 alone; before fault: crash b1" in told.out
    assert "record 16: told as written, offset 15, when it is on b2, b3; only after fault: crash" in told.out


def test_watch_beside_gives_values(acklab: Acklab) -> None:
    told = json.loads(acklab("watch", STORY, "--beside", "default", "--json").out)

    assert told["format"] == "acklab-comparison-2"
    assert [one["properties"] for one in told["runs"]] == [{"acks": "1"}, {}]
    assert told["difference"]["before_in_1_after_in_2"][0] == "fault: crash b1"


def test_run_beside_ends_with_where_they_part(acklab: Acklab) -> None:
    told = acklab("run", STORY, "--beside", "default")

    assert "The first difference that matters   record 16: lost in 1, none in 2" in told.out
    assert "when it is on b1 alone" in told.out


def test_a_comparison_is_of_whole_runs(acklab: Acklab) -> None:
    for words, said in (
        (["--beside", "akcs=all", "--plain"], "unknown property or setting 'akcs'; did you mean acks?"),
        (["--beside", "acks", "--plain"], "--beside 'acks': expected name=value"),
        (["--beside", "acks=all", "--at", "7", "--plain"], "no --view, --at"),
    ):
        told = acklab("watch", STORY, *words)
        assert told.status == 2
        assert said in told.err
