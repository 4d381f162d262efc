"""Stored files: how they come in, where they lie, and how browsers and providers get them."""
