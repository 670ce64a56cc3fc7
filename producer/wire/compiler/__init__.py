"""From a declaration and a version to the Python source of its two functions: value to bytes, bytes to value."""
