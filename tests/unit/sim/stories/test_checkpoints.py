"""The words for a job that takes checkpoints: what they may be, and who begins it again."""

from dataclasses import replace

import pytest

from producer.errors import ConfigError
from sim.stories.checkpoints import Checkpoints
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.stories.witness import Witness
from sim.trace.events import RunEnded
from sim.world.units import SECOND_US


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ({"every_us": 0}, r"Checkpoints\.every_us is 0, must be a whole number, and at least 1"),
        ({"commits_after_us": -1}, r"Checkpoints\.commits_after_us is -1"),
        ({"restarts_after_us": 1.5}, r"Checkpoints\.restarts_after_us is 1\.5"),
    ],
)
def test_a_word_that_cannot_be_is_named(words: dict[str, int], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        Checkpoints(**words)


def test_a_job_without_a_transactional_id_is_refused() -> None:
    story = load("flink_two_phase_commit")
    shop, job = story.applications
    told = replace(story, applications=(shop, replace(job, producer={})))

    with pytest.raises(ConfigError, match=r"job: it takes checkpoints, and transactional\.id is missing"):
        run(told)


def test_a_story_of_a_job_is_kept_as_a_witness() -> None:
    story = load("flink_short_transaction_timeout")
    report = run(story)

    written = Witness.of(report, scenario=story.name, story=story, records=None).model_dump_json()

    assert Witness.model_validate_json(written).replay().digest == report.digest


def test_a_run_ends_when_the_job_is_through() -> None:
    report = run(load("prepared_survives_timeout"))

    (ended,) = [event.at_us for event in report.trace if isinstance(event, RunEnded)]
    assert ended < 60 * SECOND_US
