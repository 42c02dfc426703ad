"""The HTTP API: parse the request, call a use case, translate the answer."""
