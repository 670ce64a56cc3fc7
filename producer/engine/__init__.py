"""The producer as a function of time: records in, batches out, verdicts back."""
