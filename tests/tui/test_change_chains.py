"""Changes chain: a changed run is changed again, by faults, properties, settings and seeds, and each change can be taken back."""

from __future__ import annotations

import shlex

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from producer.errors import ConfigError
from sim.tui.app import AcklabApp
from sim.tui.changes import (
    BROKER_SETTINGS,
    TOPIC_SETTINGS,
    DropFault,
    MoveFault,
    SetProperty,
    SetSeed,
    TakeBack,
    anchor_behind,
    run_with,
    setting_names,
    value_of,
    values_of,
)
from sim.tui.screens.compare import CompareScreen
from sim.tui.session import Watched
from tests.cli.command import run_here
from tests.tui.runs import LOST, frame, press, run_of, settled, use

SHORT_LAG = SetProperty("broker.replica.lag.time.max.ms", "1500")
ONE_IS_ENOUGH = SetProperty("orders.min.insync.replicas", "1")


def chained(*changes: SetProperty | SetSeed | DropFault | MoveFault) -> Watched:
    watched = run_of(LOST)
    for change in changes:
        watched = run_with(watched, change)
    return watched


def test_settings_and_seeds_chain_and_the_command_says_them_all() -> None:
    watched = chained(SHORT_LAG, ONE_IS_ENOUGH, SetSeed(3))

    assert run_of(LOST).exit_code == 1
    assert watched.exit_code == 0
    assert list(map(str, watched.changes)) == [str(SHORT_LAG), str(ONE_IS_ENOUGH), "seed 3"]
    assert watched.command("run", file="x.json") == (
        f"acklab run {LOST} --seed 3 --set {SHORT_LAG} --set {ONE_IS_ENOUGH}"
    )


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_change_taken_back_leaves_the_run_of_the_others(place: int) -> None:
    changes: list[SetProperty | SetSeed] = [SHORT_LAG, SetProperty("acks", "all"), SetSeed(2)]
    whole = chained(*changes)

    back = run_with(whole, TakeBack(place, whole.changes[place]))

    kept = [one for number, one in enumerate(changes) if number != place]
    assert back.digest == chained(*kept).digest != whole.digest
    assert list(back.changes) == kept


def test_all_taken_back_is_the_run_that_was_begun_with() -> None:
    watched = chained(SHORT_LAG, SetSeed(1))

    for _ in range(2):
        watched = run_with(watched, TakeBack(0, watched.changes[0]))

    assert watched.digest == run_of(LOST).digest
    assert watched.changes == ()


def test_a_change_that_another_needs_is_told() -> None:
    first = run_of(LOST)
    crash = first.schedule[1]
    moved = run_with(first, MoveFault(1, anchor_behind(first, 120), crash.fault))
    dropped = run_with(run_with(first, DropFault(0, first.schedule[0].fault)), SetSeed(1))

    # The fault that was moved is at another place once the one before it is left out, and is found there.
    again = run_with(moved, DropFault(0, first.schedule[0].fault))
    assert [str(one.fault) for one in run_with(again, TakeBack(0, again.changes[0])).schedule] == [str(crash.fault)]
    with pytest.raises(ConfigError, match="needs the fault 'pause followers"):
        run_with(dropped, DropFault(0, first.schedule[0].fault))


@pytest.mark.parametrize("name", [f"orders{name}" for name in TOPIC_SETTINGS] + list(BROKER_SETTINGS))
def test_settings_worth_a_look_are_there_and_their_values_can_be(name: str) -> None:
    watched = run_of(LOST)

    assert name in setting_names(watched, "orders" if name.startswith("orders") else "")
    assert value_of(watched, name)
    for value in values_of(name):
        if (name, value) != ("orders.min.insync.replicas", "3"):
            assert value_of(run_with(watched, SetProperty(name, value)), name) == value


def test_a_setting_is_chosen_from_lists_and_runs() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, str, str]:
        await press(pilot, "c", "end", "up", "enter")
        places = frame(app)
        await press(pilot, "enter", "enter")
        values = frame(app)
        await press(pilot, "enter")
        await settled(app, pilot)
        assert isinstance(app.screen, CompareScreen)
        return places, values, app.screen.change

    places, values, change = use(run_of(LOST), act)

    assert "topic orders" in places
    assert "the brokers" in places
    assert "orders.min.insync.replicas=3" in values
    assert change == "orders.min.insync.replicas=1"


def test_a_wrong_setting_is_told_with_the_nearest_and_can_be_mended() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, bool]:
        await press(pilot, "c", "end", "up", "enter", "end", "enter", "end", "enter")
        app.screen.query_one(Input).value = "broker.replica.lag.max.ms=5"
        await press(pilot, "enter")
        told = frame(app)
        app.screen.query_one(Input).value = "broker.replica.lag.time.max.ms=1500"
        await press(pilot, "enter")
        await settled(app, pilot)
        return told, isinstance(app.screen, CompareScreen)

    told, is_run = use(run_of(LOST), act)

    assert "✗ 'broker.replica.lag.max.ms' is no setting of brokers here" in told
    assert "mean broker.replica.lag.time.max.ms?" in told
    assert is_run


def test_the_dialog_lists_the_changes_so_far_and_takes_one_back() -> None:
    watched = chained(SHORT_LAG, SetSeed(2))

    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, str, str, int]:
        title = frame(app).splitlines()[0]
        await press(pilot, "c")
        listed = frame(app)
        app.screen.query_one("#choices", OptionList).highlighted = 1
        await press(pilot, "enter")
        await settled(app, pilot)
        assert isinstance(app.screen, CompareScreen)
        assert app.screen.second is not None
        return title, listed, app.screen.change, app.screen.second.seed

    title, listed, change, seed = use(watched, act, size=(120, 40))

    assert f"{SHORT_LAG} + seed 2" in title
    assert f"Take back change 1: {SHORT_LAG}" in listed
    assert (change, seed) == ("taken back: seed 2", 0)


def test_another_seed_is_written() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, str]:
        await press(pilot, "c", "end", "enter", "end", "enter")
        app.screen.query_one(Input).value = "some"
        await press(pilot, "enter")
        told = frame(app)
        app.screen.query_one(Input).value = "17"
        await press(pilot, "enter")
        await settled(app, pilot)
        assert isinstance(app.screen, CompareScreen)
        return told, app.screen.change

    told, change = use(run_of(LOST), act)

    assert "a seed is a whole number" in told
    assert change == "seed 17"


@pytest.mark.parametrize(
    "changes",
    [(), (SHORT_LAG,), (SetProperty("acks", "all"), SetSeed(2))],
    ids=["as it is", "a setting", "a property and a seed"],
)
@pytest.mark.parametrize("index", [0, 107, 150])
def test_the_copied_command_opens_the_same_moment(
    changes: tuple[SetProperty | SetSeed, ...],
    index: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watched = chained(*changes)

    command = shlex.split(watched.command("watch", file="x.json", index=index))
    told = run_here(capsys, monkeypatch, *command[1:], "--plain")

    assert f"{watched.moment(index)}, state {watched.state_hash(index)}" in told.out.splitlines()


def test_each_moment_and_each_run_has_a_name_and_a_hash_of_its_own() -> None:
    first, second = run_of(LOST), chained(SetProperty("acks", "all"))

    hashes = [first.state_hash(index) for index in range(len(first.events))]

    assert len(set(hashes)) > len(hashes) * 9 // 10
    assert first.moment(7) != second.moment(7)
    assert first.moment(7).startswith(f"{LOST}@0:")
    assert first.moment(7).endswith("#7")
