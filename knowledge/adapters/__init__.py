"""Adapters: the only places that know a vendor."""
