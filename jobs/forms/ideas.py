"""What pictures could show, for somebody who looks at an empty field."""

IDEAS = {
    "person": (
        "on a beach at sunset",
        "in a city at night",
        "in a forest, soft light",
        "at a birthday party",
        "in the snow in winter",
        "as a watercolour",
    ),
    "pet": (
        "in a meadow of flowers",
        "on a beach in summer",
        "in the snow in winter",
        "at a birthday party",
        "in a city at night",
        "as a watercolour",
    ),
    "object": (
        "on a beach at sunset",
        "in the snow in winter",
        "in a forest, soft light",
        "on a wooden table at home",
        "in space",
        "as a watercolour",
    ),
    "style": (
        "a mountain lake at sunset",
        "a city at night",
        "a meadow of flowers",
        "a house in the snow",
        "a bowl of fruit",
        "a portrait of a sailor",
    ),
}
"""By what the photos show. Behind a subject's name each reads on: "photo of ukj dog, on a beach"."""

FIRST = 3
"""So many stand in the form of somebody who tries the sample photos."""


def ideas(goal: str) -> tuple[str, ...]:
    """Ideas for pictures of a *goal*; those for a person where it is not known what the photos show."""
    return IDEAS.get(goal, IDEAS["person"])


def first_ideas(goal: str) -> str:
    """A few of them, one a line, as the form takes them."""
    return "\n".join(ideas(goal)[:FIRST])
