"""What the photographed person reads before they agree. What they agreed to is kept word for word."""

from django.utils.formats import date_format

from jobs.models import PhotoRequest, PhotoSet

_LEARNS = {
    PhotoSet.Subject.PERSON: "learns what you look like and can then make new pictures of you",
    PhotoSet.Subject.PET: "learns what your pet looks like and can then make new pictures of it",
    PhotoSet.Subject.OBJECT: "learns what the photos show and can then make new pictures of it",
    PhotoSet.Subject.STYLE: "learns the style of the photos and can then make new pictures in it",
}


def told(photo_request: PhotoRequest) -> tuple[str, ...]:
    """What will happen with the photos, in sentences."""
    team, subject = photo_request.workspace.name, PhotoSet.Subject(photo_request.photo_set.subject)
    return (
        f"{team} uses your photos to train an image model: a program that {_LEARNS[subject]}.",
        f"People who work in {team} can see your photos and those pictures.",
        "Place, time and camera details are removed from every copy that is shown or sent on.",
        f"For the training, copies go to a training service that {team} works with.",
        _how_long(photo_request),
        f"You can withdraw at any time with this same link. Your photos are then deleted here, and {team} is told to "
        "delete the models and pictures made from them. Pictures that were already given to others cannot be called "
        "back.",
    )


def agreement(photo_request: PhotoRequest) -> str:
    """The sentence with the tick."""
    if photo_request.photo_set.subject == PhotoSet.Subject.PERSON:
        return "I am the person in the photos, or their parent or guardian, and I agree to this."
    return "I may decide about the photos I send, and I agree to this."


def as_agreed(photo_request: PhotoRequest) -> str:
    """Everything that was read, to be kept with the consent."""
    purpose = f"“{photo_request.purpose}”" if photo_request.purpose else ""
    return "\n".join(filter(None, (purpose, *told(photo_request), agreement(photo_request))))


def _how_long(photo_request: PhotoRequest) -> str:
    if photo_request.agreed_until is None:
        return "Your consent has no end date. It lasts until you withdraw it."
    return f"Your consent lasts until {date_format(photo_request.agreed_until, 'j F Y')}, or until you withdraw it."
