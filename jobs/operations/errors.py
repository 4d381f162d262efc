"""What operations say when a person asks for something that cannot be done now."""


class NotPossible(Exception):
    """It cannot be done now, and nothing was changed. *sentence* tells the person why and what to press instead."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
