"""One client library a file: a program that sends what it is told, and says what the library told it."""
