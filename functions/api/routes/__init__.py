"""What each address does, a module for each resource."""
