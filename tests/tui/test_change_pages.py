"""What is offered for a change can be made: every page is walked, every line of it taken, without a screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from producer.errors import ConfigError
from sim.faults import FaultTextError
from sim.tui.change_pages import ChangePages, Choice, Make, Open, Page, Place, Write
from sim.tui.changes import AddFault, Change, DropFault, MoveFault, SetProperty, SetSeed, struck_at
from sim.tui.playhead import Playhead
from tests.tui.runs import LOST, run_of


def at_the_fault() -> Playhead:
    playhead = Playhead(run_of(LOST))
    struck = struck_at(playhead.watched, 0)
    assert struck is not None
    playhead.seek(struck)
    return playhead


def walked(page: Page) -> Iterator[Choice]:
    for choice in page.choices:
        yield choice
        if isinstance(choice.then, Open):
            yield from walked(choice.then.page())


def test_every_change_that_is_offered_can_be_made_but_for_what_disagrees_with_what_is_set() -> None:
    made, refused = set(), set()
    choices = list(walked(ChangePages(at_the_fault(), Place()).first()))
    for choice in choices:
        if isinstance(choice.then, Make | Write):
            try:
                made.add(type(choice.then.change(choice.then.text)))
            except ConfigError as error:
                refused.add(str(error))

    assert made == {AddFault, SetProperty, SetSeed}
    assert refused == {"acks is 1, must be all for an idempotent producer"}
    assert {type(choice.then) for choice in choices if isinstance(choice.then, Change)} == {
        MoveFault,
        DropFault,
        SetSeed,
    }


def test_what_is_written_and_cannot_be_is_refused() -> None:
    choices = walked(ChangePages(at_the_fault(), Place()).first())
    writes = [choice.then for choice in choices if isinstance(choice.then, Write)]

    assert len(writes) > 5
    for write in writes:
        with pytest.raises((FaultTextError, ConfigError), match="nonsense"):
            write.change("nonsense")


def test_a_nudge_moves_a_fault_by_one_event_and_skips_where_it_is() -> None:
    place = Place()
    pages = ChangePages(at_the_fault(), place)
    fault = next(one for one in pages.first().choices if one.text.startswith("Move or leave out"))
    assert isinstance(fault.then, Open)
    page = fault.then.page()
    texts = []
    for _ in range(2):
        assert page.choices[0].nudge is not None
        nudged = page.choices[0].nudge(1)
        assert nudged is not None
        page = nudged
        assert isinstance(page.choices[0].then, MoveFault)
        texts.append(page.choices[0].text.partition(" ▸")[0])

    assert texts == ["◂ Move it 1 event later", "◂ Move it 2 events later"]
    assert place.steps == {0: 2}


def test_no_nudge_leads_out_of_the_run() -> None:
    playhead = at_the_fault()
    place = Place(steps={0: -1})
    fault = next(
        one for one in ChangePages(playhead, place).first().choices if one.text.startswith("Move or leave out")
    )
    assert isinstance(fault.then, Open)
    nudge = fault.then.page().choices[0].nudge

    assert nudge is not None
    assert nudge(-len(playhead.watched.events)) is None
    assert nudge(len(playhead.watched.events)) is None
    assert place.steps == {0: -1}
