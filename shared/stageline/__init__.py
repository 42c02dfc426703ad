"""Stageline: which stage an account is in, since when, why, and what will change it next."""
