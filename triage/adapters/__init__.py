"""Models that fill the port."""
