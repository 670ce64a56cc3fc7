"""The pictures of lesson 2, each drawn from the trace of a run: `python -m tutorials.pictures --write`."""

from __future__ import annotations

from pathlib import Path

from sim import (
    BrokerPaused,
    IsrChanged,
    LeaderElected,
    LogMoment,
    LogTruncated,
    PhaseBegan,
    RecordAcknowledged,
    RunEnded,
    first_event,
    last_event,
    load,
    log_picture,
    run,
    space_time,
)

PARTITION = "orders-0"


def pictures() -> dict[str, str]:
    """Draw them all; gives file name -> SVG."""
    acks_one = run(load("acks_one_leader_crash")).trace
    acks_all = run(load("acks_one_leader_crash"), properties={"acks": "all"}).trace
    one_in_sync = run(load(str(Path(__file__).parent / "one_in_sync.py"))).trace
    return {
        "acks_one_events.svg": space_time(
            acks_one,
            PARTITION,
            brokers=3,
            from_event=first_event(acks_one, BrokerPaused),
            to_event=first_event(acks_one, LogTruncated),
            title="acks=1: the leader acknowledges alone and dies",
            description="Lifelines of the producer and brokers b1, b2 and b3, time downwards. b2 and b3 stand still. The producer "
            "sends three batches to b1, which appends and acknowledges each at once. b1 dies. b2 and b3 go on, b2 is elected "
            "leader in epoch 1. b1 starts again and cuts off offsets 15 to 29.",
        ),
        "acks_one_logs.svg": log_picture(
            acks_one,
            PARTITION,
            [
                LogMoment(last_event(acks_one, RecordAcknowledged), "All 30 are acknowledged"),
                LogMoment(last_event(acks_one, LeaderElected), "b1 is dead, b2 leads"),
                LogMoment(last_event(acks_one, RunEnded), "b1 is back, and follows"),
            ],
            title="acks=1: the logs of three replicas at three moments",
            description="First, b1 has offsets 0 to 29 and a high watermark of 15; b2 and b3 end at 15. Then b1 is down and b2 leads with "
            "a log that ends at 15. In the end all three logs end at 15, and offsets 15 to 29 are gone from b1.",
        ),
        "acks_all_events.svg": space_time(
            acks_all,
            PARTITION,
            brokers=3,
            from_event=first_event(acks_all, BrokerPaused),
            to_event=last_event(acks_all, RecordAcknowledged),
            title="acks=all: the same faults, and no answer before the records are safe",
            description="Lifelines of the producer and brokers b1, b2 and b3, time downwards. b2 and b3 stand still. The producer sends "
            "to b1; b1 appends one batch and does not answer. b1 dies. b2 and b3 go on, b2 is elected leader. The producer sends "
            "the same batches to b2, b3 copies each, the high watermark rises, and only then b2 acknowledges.",
        ),
        "one_in_sync_logs.svg": log_picture(
            one_in_sync,
            PARTITION,
            [
                LogMoment(first_event(one_in_sync, PhaseBegan, phase=2), "b2 and b3 have left the ISR"),
                LogMoment(last_event(one_in_sync, RecordAcknowledged), "All 30 are acknowledged, with acks=all"),
                LogMoment(first_event(one_in_sync, LeaderElected, leader=-1), "b1 died with its disk: nobody may lead"),
                LogMoment(last_event(one_in_sync, IsrChanged), "b1 is back, empty, and leads"),
            ],
            title="acks=all with min.insync.replicas=1: the logs of three replicas at four moments",
            description="First all three logs end at 15 and only b1 is in sync. Then b1 has offsets 0 to 29 and its high watermark is 30. "
            "Then b1 is down with an empty log and the partition has no leader. In the end b1 leads with an empty log and b2 "
            "and b3 have cut theirs to nothing.",
        ),
    }


__all__ = ["pictures"]
