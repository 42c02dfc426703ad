"""What the system can do: load, decide, save; one function for each thing."""
