"""Transactions of one producer: their states, what is asked of coordinators, and what each answer means."""
