"""A served run's account of a compacted topic: what a cleaner took is not lost, and a record that was there twice is there once."""

from __future__ import annotations

from sim.judges.verdict import State
from sim.serve.account import Account, Twice
from sim.serve.judgement import judge
from tests.unit.sim.cluster.log.compacted import CompactedLab
from tests.unit.sim.raw_client import ORDERS


def test_what_a_cleaner_took_is_not_lost() -> None:
    lab = CompactedLab()
    account = Account(lab.cluster)
    lab.put_in_turn(9)

    lab.run(3)

    assert lab.offsets() == [[6, 7, 8]] * 3
    judgement = judge(account, lab.cluster)
    assert (judgement.state, judgement.acknowledged_records, judgement.lost) == (State.HOLDS, 9, ())


def test_what_goes_without_a_cleaner_is_lost_beside_what_one_took() -> None:
    lab = CompactedLab(lab={"is_harmed": True})
    account = Account(lab.cluster)
    lab.put_in_turn(9)
    lab.run(3)
    for broker in lab.cluster.brokers:
        del lab.file(broker).entries[:1]

    (lost,) = judge(account, lab.cluster).lost

    assert (lost.tp, lost.first_offset, lost.last_offset) == (ORDERS, 6, 6)


def test_a_record_that_was_there_twice_is_there_once_when_a_cleaner_has_come_by() -> None:
    lab = CompactedLab()
    account = Account(lab.cluster)
    account.twice.append(Twice(ORDERS, 0, 1, 1))
    lab.put(b"k0", b"x")
    lab.put(b"k0", b"x")
    before = judge(account, lab.cluster).doubled_records
    lab.put_in_turn(3)

    lab.run(3)

    assert before == 1
    assert judge(account, lab.cluster).doubled_records == 0
