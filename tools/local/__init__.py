"""The local stack: MiniStack, the deployed template, people who may sign in, sample data."""
