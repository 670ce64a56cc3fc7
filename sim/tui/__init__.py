"""The terminal UI on one trace. What it shows is a fold over events (`view_model`, `panels`); Textual only draws it."""
