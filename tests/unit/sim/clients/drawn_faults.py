"""Faults for a cluster of three with one topic and one producer, drawn by Hypothesis."""

from hypothesis import strategies as st

from sim.faults import (
    Alter,
    AnswerWithError,
    Crash,
    CutLink,
    DelayResponse,
    DetainRequest,
    DropResponse,
    Elect,
    Fault,
    HoldLink,
    Leader,
    LoseRequest,
    MoveLeader,
    OpenLink,
    Pause,
    RejectLink,
    ResetLink,
    Restart,
    Resume,
    RollingRestart,
    ShrinkIsr,
    SlowDisk,
    Stop,
)
from sim.world.units import SECOND_US

TOPIC = "orders"
PARTITIONS = (0, 1)
PRODUCER = "producer-1"

brokers = st.integers(1, 3)
leaders = st.sampled_from([Leader(f"{TOPIC}-{partition}") for partition in PARTITIONS])
hosts = st.one_of(brokers, leaders, st.just(PRODUCER))
lasts_us = st.sampled_from([50_000, SECOND_US, 6 * SECOND_US, 20 * SECOND_US])
times = st.integers(1, 3)
partition_names = st.sampled_from([f"{TOPIC}-{partition}" for partition in PARTITIONS])

faults: st.SearchStrategy[Fault] = st.one_of(
    st.builds(Crash, st.one_of(leaders, brokers)),
    st.builds(Restart, brokers),
    st.builds(Pause, st.one_of(leaders, brokers)),
    st.builds(Resume, brokers),
    st.builds(Stop, st.one_of(leaders, brokers)),
    st.builds(RollingRestart),
    st.builds(Elect, partition_names, st.just("preferred")),
    st.builds(Alter, st.just("min.insync.replicas"), st.sampled_from(["2", "3"]), st.just(TOPIC)),
    st.builds(HoldLink, hosts, st.one_of(st.none(), hosts), st.booleans()),
    st.builds(CutLink, hosts, st.one_of(st.none(), hosts), st.booleans()),
    st.builds(RejectLink, hosts, st.one_of(st.none(), hosts)),
    st.builds(OpenLink, hosts),
    st.builds(ResetLink, hosts, st.one_of(st.none(), hosts)),
    st.builds(SlowDisk, brokers, st.sampled_from([10, 10_000])),
    st.builds(MoveLeader, partition_names),
    st.builds(ShrinkIsr, partition_names, brokers, lasts_us),
    st.builds(DropResponse, st.none(), then=st.sampled_from(["reset", "stall"]), times=times),
    st.builds(DetainRequest, st.none(), by_us=lasts_us, times=times),
    st.builds(LoseRequest, st.none(), then=st.sampled_from(["reset", "stall"]), times=times),
    st.builds(DelayResponse, st.none(), by_us=lasts_us, times=times),
    st.builds(
        AnswerWithError,
        st.none(),
        code=st.sampled_from(["NOT_ENOUGH_REPLICAS", "UNKNOWN_TOPIC_OR_PARTITION"]),
        times=times,
    ),
    st.builds(
        AnswerWithError,
        st.none(),
        code=st.sampled_from(["NOT_LEADER_OR_FOLLOWER", "REQUEST_TIMED_OUT"]),
        times=times,
        after_append=st.just(True),
    ),
)
"""Everything that a cluster with intact disks may do: the default configuration promises to stand that."""
