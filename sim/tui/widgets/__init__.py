"""Widgets: one a file; each draws lines that a panel made."""
