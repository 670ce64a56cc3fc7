"""`python -m producer.metrics` writes the registry into docs/producer.md, between its two marks."""

from pathlib import Path

from producer.metrics.exporters import markdown_table

MANUAL = Path(__file__).parents[2] / "docs" / "producer.md"
BEGIN = "<!-- metrics: written by `python -m producer.metrics` -->\n"
END = "<!-- metrics: end -->\n"


def main() -> None:
    """Replace what stands between the marks."""
    before, begin, rest = MANUAL.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin, f"{MANUAL} has lost its first mark"
    assert end, f"{MANUAL} has lost its last mark"
    MANUAL.write_text(before + BEGIN + "\n" + markdown_table() + "\n" + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
