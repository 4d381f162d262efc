"""The practice provider and its simulated service."""
