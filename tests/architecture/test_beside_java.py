"""The table of docs/producer.md beside Java's producer holds each staging, of both kinds, and the reason wherever the two differ.

What stands in its cells is held by `make interop`, which plays the stagings.
"""

import pytest

from tests.interop.transactional_stagings import DIFFERENCES, STAGINGS, Staging
from tests.interop.transactional_table import KINDS, MANUAL, cells_in_the_manual, name_of, reasons, title_of

ROWS = cells_in_the_manual()


@pytest.mark.parametrize("staging", STAGINGS, ids=name_of)
def test_each_staging_has_its_rows_and_only_those_with_a_reason_differ(staging: Staging) -> None:
    own = {(title, kind): cells for (title, kind), cells in ROWS.items() if title.startswith(title_of(staging))}

    assert {kind for _, kind in own} == set(KINDS.values())
    assert any("**" in cell for cells in own.values() for cell in cells) == (name_of(staging) in DIFFERENCES)


def test_each_row_is_of_a_staging() -> None:
    titles = tuple(title_of(staging) for staging in STAGINGS)

    assert [title for title, _ in ROWS if not title.startswith(titles)] == []


def test_each_reason_stands_below_the_table() -> None:
    assert reasons() in MANUAL.read_text()
