"""The report card against a few photos whose faults are known; tests/benchmarks/report_card.py has many."""

import pytest
from PIL import Image

from jobs.photos.inspection.measure import blur, find_faces, grey, within
from jobs.photos.intake import face_detector
from tests.benchmarks.report_card import FAULTS, judged, labelled
from tests.photo_files import SAMPLES
from tests.photos.labelled import FACE

SEED, PHOTOS = 11, 4


@pytest.fixture(scope="module")
def outcome():
    return judged(labelled(SEED, PHOTOS))


@pytest.mark.parametrize("fault", FAULTS)
def test_known_faults_are_found_and_no_others(outcome, fault):
    scores, mistakes = outcome
    assert (scores[fault].missed, scores[fault].wrong) == (0, 0), mistakes


def test_a_face_is_found_where_it_is():
    with Image.open(FACE) as file:
        ((left, top, width, height),) = find_faces(file.convert("RGB"), face_detector())
    assert 0.3 < left + width / 2 < 0.75
    assert 0.15 < top + height / 2 < 0.6


@pytest.mark.parametrize("turn", [-20, 20])
def test_a_face_that_is_tilted_is_found(turn):
    with Image.open(FACE) as file:
        assert len(find_faces(file.convert("RGB").rotate(turn, fillcolor="grey"), face_detector())) == 1


def test_a_face_that_the_edge_cuts_is_found():
    with Image.open(FACE) as file:
        cut = file.convert("RGB").crop((80, 0, 230, 330)).resize((600, 1320))
    assert len(find_faces(cut, face_detector())) == 1


def test_a_clay_bird_has_no_human_face():
    for sample in SAMPLES:
        with Image.open(sample) as file:
            assert find_faces(file.convert("RGB"), face_detector()) == []


def test_the_sample_photos_are_sharp():
    for sample in SAMPLES:
        with Image.open(sample) as file:
            assert blur(grey(within(file, 768))) < 1.57
