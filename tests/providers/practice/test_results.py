"""What comes out of practice: pictures that differ where they should, and honest little files."""

import json
from io import BytesIO
from itertools import combinations

import pytest
import time_machine
from PIL import Image, ImageChops, ImageStat

from jobs.providers.context import Context
from jobs.providers.errors import NotThere
from jobs.providers.order import Kind
from jobs.providers.practice_painting.picture import Scene, draw
from jobs.providers.reply import Artifact, ArtifactKind
from tests.providers.practice.orders import ELSEWHERE, STUDIO, both, generation, jpeg, practice, training

PHOTOS = [jpeg("teal"), jpeg("teal", (240, 320)), jpeg("teal", backdrop="pink")]


def scene(prompt: str = "photo of ukj toy on the beach", **values: object) -> Scene:
    usual = {
        "prompt": prompt,
        "negative_prompt": "",
        "seed": 7,
        "width": 256,
        "height": 256,
        "readiness": 1.0,
        "guidance": 7.5,
        "drawing_steps": 35,
        "sampler": "dpm++",
    }
    return Scene(**{**usual, **values})


def painted(one: Scene) -> Image.Image:
    return Image.open(BytesIO(draw(one, PHOTOS))).convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean absolute difference of two pictures, 0 to 255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def sharpness(image: Image.Image) -> float:
    grey = image.convert("L").crop((64, 64, 192, 220))
    return ImageStat.Stat(ImageChops.difference(grey, ImageChops.offset(grey, 1, 0))).mean[0]


def test_the_same_scene_is_the_same_picture_to_the_byte() -> None:
    assert draw(scene(), PHOTOS) == draw(scene(), PHOTOS)


@pytest.mark.parametrize(
    ("other", "least"),
    [
        (scene("photo of ukj toy in the snow"), 15),
        (scene("oil painting of ukj toy on the beach"), 3),
        (scene("photo of ukj toy on the beach at noon"), 3),
        (scene(seed=8), 3),
        (scene(readiness=0.2), 1.5),
        (scene(drawing_steps=5), 3),
        (scene(guidance=20), 1.5),
        (scene(negative_prompt="blurry"), 3),
    ],
)
def test_another_order_is_visibly_another_picture(other: Scene, least: float) -> None:
    assert difference(painted(scene()), painted(other)) > least


PROMPTS = ("studio photo", "photo of ukj toy on the beach", "oil painting of ukj toy", "sketch of ukj toy in snow")
SEEDS = (0, 7, 2**32 - 1)
STEPS = (50, 300, 600, 750, 800, 850, 900, 1000, 1199, 1200, 5000)


def test_any_two_prompts_seeds_or_steps_are_visibly_different_pictures() -> None:
    """Late steps too: from 720 on the model of twelve photos knows all that it will."""
    orders = [(prompt, seed, step) for prompt in PROMPTS for seed in SEEDS for step in STEPS]
    pictures = {
        (prompt, seed, step): painted(
            scene(prompt, seed=seed, step=step, readiness=min(1.0, step / 720), width=96, height=96)
        )
        for prompt, seed, step in orders
    }
    neighbours = [
        (one, other)
        for one, other in combinations(orders, 2)
        if sum(mine != yours for mine, yours in zip(one, other, strict=True)) == 1
    ]
    alike = [pair for pair in neighbours if difference(pictures[pair[0]], pictures[pair[1]]) < 4]
    assert alike == []


def test_every_sample_and_every_checkpoint_of_a_training_draws_otherwise() -> None:
    provider, artifacts = finished(training({"steps": 1000, "save_checkpoints_at": [800, 900], "seed": 5}))
    samples = [content(provider, one) for one in artifacts if one.is_sample]
    checkpoints = [one.id for one in artifacts if one.kind is ArtifactKind.CHECKPOINT]
    for checkpoint in checkpoints:
        order = generation({"seed": 3, "num_samples": 1}, checkpoint_id=checkpoint, base_model="")
        job_id = provider.submit(order, STUDIO).provider_job_id
        samples.append(content(provider, provider.read(order.kind, job_id, STUDIO).artifacts[0]))
    drawn = [Image.open(BytesIO(png)).convert("RGB").resize((256, 256)) for png in samples]
    assert len(drawn) == 7
    assert min(difference(one, other) for one, other in combinations(drawn, 2)) > 3


def test_an_early_checkpoint_draws_a_vaguer_subject_in_the_same_place() -> None:
    early, late = painted(scene(readiness=0.1)), painted(scene(readiness=1.0))
    assert sharpness(early) < sharpness(late)
    corner = (0, 0, 60, 60)
    assert difference(early.crop(corner), late.crop(corner)) < 3


@pytest.mark.parametrize("style", ["oil", "watercolour", "sketch", "comic", "black and white", "vintage", "neon"])
def test_every_style_keeps_the_size_and_looks_different(style: str) -> None:
    picture = painted(scene(f"{style} ukj toy"))
    assert picture.size == (256, 256)
    assert difference(picture, painted(scene("photo ukj toy"))) > 3


SHAPES = ((256, 256), (256, 1024), (1024, 256), (320, 448))
PLACES = ("beach", "snow", "forest", "garden", "sunset", "night", "space", "city", "mountains", "underwater", "home")


@pytest.mark.parametrize(("number", "place"), list(enumerate((*PLACES, "party", "studio"))))
def test_every_place_can_be_painted_in_any_shape(number: int, place: str) -> None:
    width, height = SHAPES[number % len(SHAPES)]
    assert painted(scene(f"ukj in {place}", width=width, height=height)).size == (width, height)


def test_the_word_practice_stands_in_the_corner() -> None:
    """Light letters on their own shadow: the corner has more contrast than its neighbour, on any backdrop."""
    for prompt in ("white studio ukj", "ukj at night", "ukj in snow"):
        picture = painted(scene(prompt, width=512, height=512)).convert("L")
        marked, plain = picture.crop((430, 484, 508, 510)), picture.crop((330, 484, 408, 510))
        assert ImageStat.Stat(marked).stddev[0] > 3 * ImageStat.Stat(plain).stddev[0]
        assert marked.getextrema()[1] - marked.getextrema()[0] > 90


def test_odd_photos_and_prompts_are_painted_too() -> None:
    for photo in (jpeg(size=(1, 1)), jpeg(size=(1, 900)), jpeg(size=(900, 20)), jpeg("white", backdrop="white")):
        for prompt in ("", "\x00", "🐦" * 2000, "a" * 10_000, "\u202e beach"):
            assert draw(scene(prompt), [photo]).startswith(b"\x89PNG")


def test_a_base_model_draws_without_photos() -> None:
    picture = Image.open(BytesIO(draw(scene("a vase in the garden"), [])))
    assert picture.size == (256, 256)


def finished(order: object, context: Context | None = None, account: object = STUDIO) -> tuple[object, list[Artifact]]:
    provider = practice(context or Context(practice_training_seconds=0, practice_image_seconds=0))
    receipt = provider.submit(order, account)
    return provider, list(provider.read(order.kind, receipt.provider_job_id, account).artifacts)


def content(provider: object, artifact: Artifact) -> bytes:
    return b"".join(provider.download(artifact, STUDIO).chunks)


def test_every_result_of_a_finished_job_can_be_fetched_in_its_size() -> None:
    provider, artifacts = finished(both())
    for artifact in artifacts:
        fetched = content(provider, artifact)
        if artifact.kind is ArtifactKind.IMAGE:
            edge = 512 if artifact.is_sample else 256
            assert Image.open(BytesIO(fetched)).size == (edge, edge)
        else:
            assert len(fetched) == artifact.size


def test_a_checkpoint_is_a_valid_safetensors_file_that_says_what_it_is() -> None:
    provider, artifacts = finished(training({"steps": 500}))
    file = content(provider, artifacts[-1])
    length = int.from_bytes(file[:8], "little")
    header = json.loads(file[8 : 8 + length])
    assert length % 8 == 0
    assert header["__metadata__"]["practice"] == "yes"
    assert header["__metadata__"]["step"] == "500"
    assert header["practice.values"]["data_offsets"][1] == len(file) - 8 - length


def test_a_download_continues_at_any_byte() -> None:
    provider, artifacts = finished(training())
    whole = content(provider, artifacts[-1])
    for offset in (0, 1, 8, len(whole) - 1, len(whole)):
        download = provider.download(artifacts[-1], STUDIO, offset)
        assert whole[:offset] + b"".join(download.chunks) == whole
        assert (download.offset, download.total) == (offset, len(whole))


def test_a_generation_with_a_checkpoint_shows_that_trainings_photos() -> None:
    context = Context(practice_training_seconds=0, practice_image_seconds=0)
    prompt = {"prompt": "ukj in the studio", "seed": 3, "num_samples": 1}
    pictures = []
    for colour in ("teal", "crimson"):
        photo = training().photos[0].__class__("a.jpg", "", "", lambda colour=colour: jpeg(colour))
        provider, artifacts = finished(training(photos=(photo,)), context)
        order = generation(prompt, checkpoint_id=artifacts[-1].id, base_model="")
        provider, (image,) = finished(order, context)
        pictures.append(
            Image.open(BytesIO(content(provider, image))).convert("RGB").resize((1, 1), box=(96, 112, 160, 190))
        )
    teal, crimson = (one.getpixel((0, 0)) for one in pictures)
    assert teal[1] > teal[0]
    assert crimson[0] > crimson[1]


def test_what_is_not_made_yet_missing_or_anothers_is_not_there() -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        provider = practice()
        job_id = provider.submit(generation({"practice_outcome": "some_missing"}), STUDIO).provider_job_id
        clock.shift(60)
        artifacts = provider.read("generation", job_id, STUDIO).artifacts
        provider.download(artifacts[1], STUDIO)
        with pytest.raises(NotThere):
            provider.download(artifacts[0], STUDIO)
        with pytest.raises(NotThere):
            provider.download(artifacts[1], ELSEWHERE)
        clock.shift(-59)
        with pytest.raises(NotThere):
            provider.download(artifacts[-1], STUDIO)


def test_training_photos_are_kept_small() -> None:
    context = Context()
    many = tuple(training().photos[0].__class__(f"{n}.jpg", "", "", lambda: jpeg(size=(3000, 2000))) for n in range(20))
    job_id = practice(context).submit(training(photos=many), STUDIO).provider_job_id
    kept = context.practice_store.get(STUDIO.account, f"photos/{job_id}")
    assert len(kept["photos"]) == 8
    assert len(json.dumps(kept)) < 500_000


def test_forgotten_photos_are_in_no_picture_from_then_on() -> None:
    service = practice()

    def picture(job_id: str) -> bytes:
        made = service.read(Kind.TRAIN_AND_GENERATE, job_id, STUDIO).artifacts
        drawn = next(one for one in made if one.kind is ArtifactKind.IMAGE and not one.is_sample)
        return b"".join(service.download(drawn, STUDIO).chunks)

    with time_machine.travel(1_800_000_000, tick=False) as clock:
        job_ids = [service.submit(both(), STUDIO).provider_job_id for _ in range(2)]
        clock.shift(60)
        one, other = map(picture, job_ids)
        for _ in range(2):
            service.forget_photos(Kind.TRAIN_AND_GENERATE, job_ids[0], STUDIO)
        assert picture(job_ids[0]) != one
        assert picture(job_ids[1]) == other
