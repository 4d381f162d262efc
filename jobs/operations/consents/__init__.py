"""Consent to what is done with photos: asked for by a link, given, noted, withdrawn, and what has to follow then."""
