"""The page of the glossary is the one that its table makes."""

import pytest

from tests.architecture.glossary_page import main


def test_every_word_has_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0, capsys.readouterr().err
