"""Each of the judges of what is told and read catches the liar that is made for it, alone; and the same run without it holds."""

import pytest

from sim.faults import Followers
from sim.faults.words import at
from sim.stories.planted import PlantedBug
from sim.stories.runner import run
from sim.stories.scenario import ClusterConfig, Phase, Scenario, TopicConfig, Workload
from sim.world.units import SECOND_US
from tests.builds import pure_only
from tests.guarantees.lying_brokers import (
    SAYS_NOT_APPENDED,
    SAYS_NOT_WRITTEN,
    SERVES_ABOVE_THE_WATERMARK,
    SKIPS_A_BATCH,
    TELLS_ITS_OWN_TIME,
    TELLS_THE_NEXT_OFFSET,
)
from tests.second_judge.lies import HONEST, Liar, another_value, one_more_header, the_last_twice

pytestmark = pure_only("a reader that lies has a method replaced")

STORY = Scenario(
    name="nothing_happens",
    question="Who lies?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=1, min_insync_replicas=2),)),
    producer={"acks": "1", "max.in.flight.requests.per.connection": "1"},
    # Each record fills a batch; between the two halves nobody copies for a while, and the reader asks in vain.
    workload=Workload(records=6, value_bytes=9_000, phases=(Phase(), Phase(quiet_us=2 * SECOND_US))),
    readers=(at(0).read("orders", name="audit"),),
    schedule=(at(SECOND_US).pause(Followers("orders-0")), at(9 * SECOND_US).resume(Followers("orders-0"))),
)

CAUGHT: list[tuple[PlantedBug, str]] = [
    (TELLS_THE_NEXT_OFFSET, "misplaced"),
    (TELLS_ITS_OWN_TIME, "misplaced"),
    (SAYS_NOT_WRITTEN, "phantom"),
    (SAYS_NOT_APPENDED, "duplicated"),
    (SKIPS_A_BATCH, "unread"),
    (SERVES_ABOVE_THE_WATERMARK, "dirty read"),
    (Liar("hands the last over twice", given=the_last_twice), "read again"),
    (Liar("hands over another value", given=another_value), "misrouted"),
    (Liar("hands over one more header", given=one_more_header), "misrouted"),
]


def broken(liar: PlantedBug | None) -> list[str]:
    with liar.at_work() if isinstance(liar, Liar) else HONEST.at_work():
        report = run(STORY, mutant=liar)
    assert report.is_settled
    return [verdict.guarantee for verdict in report.violated]


def test_nobody_is_accused_where_nobody_lies() -> None:
    assert broken(None) == broken(HONEST) == []


@pytest.mark.parametrize("liar, judge", CAUGHT, ids=lambda one: getattr(one, "name", None))
def test_a_liar_is_caught_by_the_judge_of_what_it_lies_about_and_by_no_other(liar: PlantedBug, judge: str) -> None:
    assert broken(liar) == [judge]
