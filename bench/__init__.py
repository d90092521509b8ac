"""Measures what the design sets as goals. Nothing here is needed to run the server."""
