"""Other clients' shapes over the same engine, so that existing code moves by changing an import."""
