"""API keys, and what is known of how well they work."""
