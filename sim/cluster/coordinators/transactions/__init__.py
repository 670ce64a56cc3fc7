"""The transaction coordinator: what each partition of `__transaction_state` holds, and what follows from it."""
