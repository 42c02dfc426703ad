"""A table in memory that answers as DynamoDB does, and counts what DynamoDB would charge."""
