"""What a person runs: the local stack, the `stageline` command, sample data."""
