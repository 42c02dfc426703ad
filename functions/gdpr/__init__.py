"""Erasures of people, and the check after a restore."""
