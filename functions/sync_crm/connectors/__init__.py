"""What data comes from: a module, or a few, for each kind of source."""
