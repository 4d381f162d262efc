"""How jobs are at their provider, and how often to ask."""
