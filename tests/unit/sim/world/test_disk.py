"""A disk takes its time, and forgets what was never flushed."""

import pytest

from sim.world.disk import Disk
from sim.world.kernel import World
from sim.world.network import Network


def make_disk() -> tuple[World, Disk]:
    world = World(seed=1)
    return world, Disk(Network(world).add_host("b1"), append_us=20, fsync_us=2_000, bandwidth_bytes_s=1_000_000)


def test_writes_queue_behind_each_other() -> None:
    world, disk = make_disk()
    done: list[tuple[str, int]] = []

    for name in ("first", "second"):
        disk.write(0, 100, lambda name=name: done.append((name, world.now_us)))
    world.run_until(1_000)

    assert done == [("first", 120), ("second", 240)]


def test_a_slow_disk_takes_that_many_times_longer() -> None:
    world, disk = make_disk()
    done: list[int] = []
    disk.set_slowness(0, 10)

    disk.write(0, 0, lambda: done.append(world.now_us))
    world.run_until(1_000)

    assert done == [200]


@pytest.mark.parametrize(
    ("before", "after", "done_us"),
    [
        # Of the first write 18.5 us of work are left, and everything behind it is as if it had been given now.
        (10, 1, [34, 54, 74, 94]),
        (1, 10, [65, 265, 465, 665]),
        (10, 3, [71, 131, 191, 251]),
    ],
)
def test_what_waits_for_a_disk_is_done_at_the_speed_that_it_has_by_then(
    before: int, after: int, done_us: list[int]
) -> None:
    world, disk = make_disk()
    done: list[int] = []
    disk.set_slowness(0, before)
    for _ in range(3):
        disk.write(0, 0, lambda: done.append(world.now_us))
    world.run_until(15)

    disk.set_slowness(15, after)
    disk.write(15, 0, lambda: done.append(world.now_us))
    world.run_until(10_000)

    assert done == done_us


def test_what_a_dead_process_gave_a_slow_disk_is_not_done_for_the_next_one() -> None:
    world = World(seed=1)
    host = Network(world).add_host("b1")
    disk = Disk(host)
    done: list[str] = []
    disk.set_slowness(0, 1_000)
    disk.write(0, 0, lambda: done.append("before"))

    host.crash()
    disk.set_slowness(0, 1)
    host.start()
    disk.power_on()
    disk.write(0, 0, lambda: done.append("after"))
    world.run_until(1_000_000)

    assert done == ["after"]


def test_a_power_cut_leaves_what_was_flushed() -> None:
    world, disk = make_disk()
    file = disk.directories[0].file("orders-0")
    file.append("kept")
    disk.fsync(0, file, lambda: None)
    world.run_until(5_000)
    file.append("lost")

    disk.lose_unflushed()

    assert file.entries == ["kept"]


def test_what_is_appended_during_a_flush_is_flushed_with_it() -> None:
    world, disk = make_disk()
    file = disk.directories[0].file("orders-0")
    disk.fsync(0, file, lambda: None)

    file.append("meanwhile")
    world.run_until(5_000)

    assert file.flushed == 1


def test_truncation_is_durable() -> None:
    _, disk = make_disk()
    file = disk.directories[0].file("orders-0")
    file.append("a")
    file.append("b")
    file.fsync()

    file.truncate(1)
    file.append("c")
    disk.lose_unflushed()

    assert file.entries == ["a"]


def test_a_wiped_disk_has_no_files() -> None:
    _, disk = make_disk()
    disk.directories[0].file("orders-0").append("a")

    disk.wipe()

    assert disk.directories[0].file("orders-0").entries == []


def test_a_disk_without_its_process_has_nothing_queued() -> None:
    world, disk = make_disk()
    done: list[int] = []
    disk.write(0, 1_000_000, lambda: None)

    disk.power_on()
    disk.write(0, 0, lambda: done.append(world.now_us))
    world.run_until(100)

    assert done == [20]
