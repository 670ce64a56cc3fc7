"""What one sees first, as values: everything that can be opened, what a filter leaves of it, and what somebody has seen."""
