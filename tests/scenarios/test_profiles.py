"""What the profiles promise, held against the stories that break it otherwise."""

from dataclasses import replace

import pytest

from producer.events import BatchSent
from sim.stories.properties import effective_properties
from sim.stories.runner import run
from sim.stories.scenario import Phase, Workload, load

BROKEN_OTHERWISE = [
    "acks_one_leader_crash",
    "acks_one_leader_crash_without_wait",
    "acks_zero_lost_connection",
    "fresh_producer_hole",
    "held_request_returns",
    "lost_ack_duplicate",
    "lowered_limit_repeats_a_batch",
    "new_epoch_repeats_a_record",
    "pipelined_retry_reorder",
    "rebootstrap_believes_a_deposed_leader",
]
"""Stories whose own configuration loses, repeats or reorders records."""
NOT_ACKNOWLEDGED = {"lowered_limit_repeats_a_batch": 6, "new_epoch_repeats_a_record": 1}
"""Records of a batch that may be in the log, and that the topic is too small for by now; a record that is too large."""


@pytest.mark.parametrize("story", BROKEN_OTHERWISE)
@pytest.mark.parametrize("profile", ["safe", "strict_order"])
def test_the_careful_profiles_keep_their_promise_where_the_story_s_own_configuration_breaks_it(
    story: str, profile: str
) -> None:
    assert run(load(story)).violated

    report = run(load(story), properties={"acklab.profile": profile})

    assert report.violated == ()
    assert report.counts.acknowledged == report.counts.sent - NOT_ACKNOWLEDGED.get(story, 0)


@pytest.mark.parametrize("profile", ["safe", "strict_order", "throughput", "low_latency"])
def test_every_profile_comes_through_a_bad_week(profile: str) -> None:
    report = run(load("default_config_survives_leader_moves"), properties={"acklab.profile": profile})

    assert report.exit_code == 0


def test_a_profile_that_is_set_wins_over_the_story_s_own_properties_and_gives_way_to_what_is_set_beside_it() -> None:
    story = load("acks_one_leader_crash")

    assert effective_properties(story, {"acklab.profile": "safe"})["acks"] == "all"
    assert effective_properties(story, {"acklab.profile": "throughput"})["acks"] == "1"
    assert effective_properties(story, {"linger.ms": "1", "acklab.profile": "throughput"})["linger.ms"] == "1"


def test_throughput_takes_fewer_batches_than_low_latency() -> None:
    # The first records wait for metadata anyway; those after them come two a millisecond.
    phases = (Phase(share=1), Phase(share=9, every_us=500, quiet_us=50_000))
    steady = replace(load("hot_key"), workload=Workload(records=300, phases=phases))

    def batches(profile: str) -> int:
        report = run(steady, properties={"acklab.profile": profile})
        assert report.exit_code == 0
        return sum(isinstance(event, BatchSent) for event in report.trace)

    assert batches("throughput") * 3 < batches("low_latency")
