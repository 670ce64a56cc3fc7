"""Foreign clients under faults come through, or tell their applications; docs/clients.md says of each what it did."""

import pytest

from tests.clients.cell import HUNG, Seen, seen
from tests.clients.faults import Fault, Operation
from tests.clients.libraries import LIBRARIES
from tests.clients.library import Library
from tests.clients.table import BEGIN, END, NOT_STRUCK, PAGE, cells_to_fill, key_of, read, text_of, written

PRODUCING = (Operation.PRODUCE, Operation.PRODUCE_PLAINLY)
ALWAYS_THE_SAME = ("an answer is lost with its connection", "an answer is late", "an error that passes")
"""Faults after which a producer does the same thing in every run, however slow the machine."""

OF_GROUPS = (
    "the leader crashes",
    "the coordinator crashes",
    "the leader moves",
    "an answer is lost with its connection",
    "every connection is reset",
    "a broker is paused",
    "too few replicas are in sync",
    "an error that passes",
    "a rebalance, or a controller that moved",
)
"""Those of a group's story that are told here: each takes seconds, and `make clients` tells them all."""

# kafka-python leaves sockets to the garbage collector, which may come at any moment: see `tests.left_open`.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

CELLS = read(PAGE.read_text(encoding="utf-8"))


def struck_in(operation: Operation) -> pytest.MarkDecorator:
    """Every cell of an operation, but those that the page says hang: to see that takes half a minute each."""
    cells = [
        pytest.param(library, fault, id=f"{library.name}-{fault.name.replace(' ', '-')}")
        for one, fault, library in cells_to_fill()
        if one is operation
        and HUNG not in CELLS[key_of(one, fault, library)]
        and (operation is not Operation.CONSUME or fault.name in OF_GROUPS)
    ]
    assert len(cells) >= 8 * len(LIBRARIES)
    return pytest.mark.parametrize(("library", "fault"), cells)


def told_by_the_page(operation: Operation, fault: Fault, library: Library) -> str:
    return CELLS[key_of(operation, fault, library)]


def check_nothing_is_lost(found: Seen) -> None:
    assert found.lost == found.not_consumed == found.not_committed == 0, found
    assert not found.is_hung, found
    assert found.is_in_order, found
    assert found.struck, found


@struck_in(Operation.PRODUCE)
def test_an_idempotent_producer_loses_doubles_and_reorders_nothing(library: Library, fault: Fault) -> None:
    found = seen(library, Operation.PRODUCE, fault)

    check_nothing_is_lost(found)
    assert found.written_twice == found.told_twice == 0
    if fault.name in ALWAYS_THE_SAME:
        assert text_of(found) == told_by_the_page(Operation.PRODUCE, fault, library)


@struck_in(Operation.PRODUCE_PLAINLY)
def test_a_producer_that_is_not_idempotent_loses_nothing_and_doubles_what_it_sends_again(
    library: Library, fault: Fault
) -> None:
    found = seen(library, Operation.PRODUCE_PLAINLY, fault)

    check_nothing_is_lost(found)
    assert found.told_twice == found.written_twice, "the server's judge says what lies in the log"
    if fault.name in ALWAYS_THE_SAME:
        assert text_of(found) == told_by_the_page(Operation.PRODUCE_PLAINLY, fault, library)


@struck_in(Operation.CONSUME)
def test_a_group_consumes_and_commits_everything_whoever_leaves_or_dies(library: Library, fault: Fault) -> None:
    check_nothing_is_lost(seen(library, Operation.CONSUME, fault))


@struck_in(Operation.ADMINISTER)
def test_an_admin_client_brings_everything_about(library: Library, fault: Fault) -> None:
    found = seen(library, Operation.ADMINISTER, fault)

    check_nothing_is_lost(found)
    if fault.name in ALWAYS_THE_SAME:
        assert text_of(found) == told_by_the_page(Operation.ADMINISTER, fault, library)


def test_the_page_has_a_cell_for_each_client_operation_and_fault() -> None:
    assert set(CELLS) == {key_of(*one) for one in cells_to_fill()}
    assert NOT_STRUCK not in CELLS.values()


def test_a_table_is_read_as_it_was_written() -> None:
    assert read(f"{BEGIN}\n\n{written(CELLS)}\n\n{END}") == CELLS
