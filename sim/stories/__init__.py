"""The words of a story, and what a story and a seed become: a run, and its report."""
