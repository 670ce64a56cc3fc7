"""What a producer's configuration will cost, found before it runs: records lost, doubled or reordered, calls that hang."""
