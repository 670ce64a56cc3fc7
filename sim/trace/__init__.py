"""Everything that happens, as typed events in one order: the only window into a run."""
