"""Photos and the sets they belong to."""
