"""Killing parts of the running product and counting what was lost or done twice."""
