"""What `manage.py up` does. Nothing in here imports Django: the supervisor stays small."""


class CannotStart(Exception):
    """Likeness cannot start here; the message is a sentence for the person at the terminal.

    It is empty where a child has said the sentence already.
    """


SAID_WHY = 65
"""The exit status of a child that cannot do its work and has told the person why, in a sentence of its own."""
