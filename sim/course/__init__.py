"""The course: lessons as folders of text and code, what a learner predicted, how far they are, and what a check says."""
