"""The ports in memory. The same contract tests run on them and on the DynamoDB adapters."""
