"""Each bug that is planted on the partition's side of transactions breaks its invariant, and what a reader is given shows it."""

from __future__ import annotations

from producer.errors import Code
from sim.cluster.topic_config import TopicConfig
from sim.mutants.aborted_index_without_last import ABORTED_INDEX_WITHOUT_LAST
from sim.mutants.marker_without_epoch_check import MARKER_WITHOUT_EPOCH_CHECK
from sim.mutants.planting import Mutant
from sim.mutants.stable_offset_passes_open import STABLE_OFFSET_PASSES_OPEN
from tests.unit.sim.raw_client import Lab, RawConnection
from tests.unit.sim.transactional_writer import end, fetched, written

PRODUCER = 7


def planted(bug: Mutant | None) -> tuple[Lab, RawConnection]:
    """A broker of that make, which takes transactional batches without asking, and a record of an open transaction."""
    lab = Lab(
        TopicConfig("orders", replicas=((1,),), min_insync_replicas=1),
        brokers=1,
        is_harmed=True,
        transaction_partition_verification=False,
    )
    if bug is not None:
        assert bug.partition is not None
        lab.cluster.brokers[1].partition_type = bug.partition
    lab.cluster.crash(1)
    lab.run(0.1)
    lab.cluster.restart(1)
    assert lab.settle()
    line = lab.client.connect(1)
    assert written(line, PRODUCER, 0, 0, version=11) is Code.NONE
    return lab, line


def broken(lab: Lab) -> str:
    """The invariant that does not hold; empty if all do."""
    lab.watch.look()
    return "" if lab.watch.breach is None else lab.watch.breach.invariant


def test_without_a_bug_every_invariant_holds() -> None:
    lab, line = planted(None)
    assert end(line, PRODUCER, 0, is_commit=False, coordinator_epoch=5, version=1) is Code.NONE
    assert end(line, PRODUCER, 0, coordinator_epoch=4, version=1) is Code.TRANSACTION_COORDINATOR_FENCED

    assert broken(lab) == ""
    assert fetched(lab).aborted == [(PRODUCER, 0)]


def test_a_marker_without_epoch_check_is_caught() -> None:
    lab, line = planted(MARKER_WITHOUT_EPOCH_CHECK)
    assert end(line, PRODUCER, 0, coordinator_epoch=5, version=1) is Code.NONE
    assert end(line, PRODUCER, 0, coordinator_epoch=4, version=1) is Code.NONE

    assert broken(lab) == "marker epochs"


def test_a_last_stable_offset_that_passes_an_open_transaction_is_caught() -> None:
    lab, _ = planted(STABLE_OFFSET_PASSES_OPEN)

    assert fetched(lab).offsets == [0]
    assert broken(lab) == "last stable offset"


def test_an_aborted_index_without_its_last_entry_is_caught() -> None:
    lab, line = planted(ABORTED_INDEX_WITHOUT_LAST)
    assert end(line, PRODUCER, 0, is_commit=False, version=1) is Code.NONE

    assert fetched(lab).aborted == []
    assert broken(lab) == "last stable offset"
