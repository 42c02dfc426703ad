"""What decides: pure functions and values; no clock, no network, no AWS."""
