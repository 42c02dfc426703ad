"""What stores and sends: the real ends of the ports."""
