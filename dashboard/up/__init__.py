"""What `manage.py up` does. Nothing in here imports Django: the supervisor stays small."""


class CannotStart(Exception):
    """Likeness cannot start here; the message is a sentence for the person at the terminal."""
