"""Values and the bytes that stand for them: plain ones, and those of a schema that a registry keeps."""
