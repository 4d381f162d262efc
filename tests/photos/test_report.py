"""The report card says what is wrong, once, and in words that help."""

import pytest

from jobs.photos.inspection.findings import Code, Remedy, findings
from jobs.photos.inspection.report import GOOD, duplicates, report
from tests.jobs.inspected import FACE, GOOD_LIGHT, measures, seen

DARK = {**GOOD_LIGHT, "middle": 20.0, "bright": 40.0}


def codes(photo):
    return [finding.code for finding in findings(photo)]


def test_a_good_portrait_has_no_findings():
    assert codes(seen()) == []


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        (Code.BLURRED, {"blur": 2.5}),
        (Code.DARK, {"light": DARK}),
        (Code.BRIGHT, {"light": {**GOOD_LIGHT, "middle": 245.0}}),
        (Code.BRIGHT, {"light": {**GOOD_LIGHT, "white": 0.6}}),
        (Code.SMALL, {"size": (300, 400)}),
        (Code.LONG, {"size": (3000, 1000), "faces": [(0.4, 0.3, 0.15, 0.4)]}),
        (Code.NO_FACE, {"faces": []}),
        (Code.FACES, {"faces": [FACE, (0.0, 0.3, 0.2, 0.2)]}),
        (Code.FACE_CUT, {"faces": [(-0.1, 0.3, 0.3, 0.3)]}),
        (Code.FACE_SMALL, {"faces": [(0.5, 0.5, 0.08, 0.08)]}),
    ],
)
def test_each_fault_is_found(code, changed):
    assert codes(seen(**changed)) == [code]


def test_a_light_face_in_the_dark_is_not_too_dark():
    assert codes(seen(light={**GOOD_LIGHT, "dark": 0.0, "middle": 45.0})) == []


def test_a_photo_without_edges_is_not_blurred():
    assert codes(seen(blur=None)) == []


def test_faces_matter_in_sets_of_a_person_only():
    assert codes(seen(faces=[], is_person=False)) == []


def test_faces_are_passed_over_where_there_is_no_detector():
    assert codes(seen(faces=None)) == []


def test_people_far_behind_do_no_harm():
    assert codes(seen(faces=[FACE, (0.9, 0.3, 0.05, 0.05)])) == []


def test_a_face_outside_the_crop_does_not_count():
    other = (0.75, 0.1, 0.2, 0.2)
    assert codes(seen(faces=[FACE, other], crop=(0.0, 0.0, 0.72, 1.0))) == []


def test_the_size_is_that_of_the_crop():
    assert codes(seen(crop=(0.3, 0.2, 0.4, 0.5))) == [Code.SMALL]


def test_the_face_is_cut_when_the_crop_cuts_it():
    assert codes(seen(crop=(0.4, 0.0, 0.6, 0.6))) == [Code.FACE_CUT]


def test_a_dark_photo_is_not_also_blamed_for_its_face():
    assert codes(seen(light=DARK, faces=[])) == [Code.DARK]


def test_what_was_waved_through_is_not_spoken_of_again():
    assert codes(seen(blur=2.5, kept=("blurred",))) == []


def test_several_faces_are_cropped_and_not_left_out():
    finding = findings(seen(faces=[FACE, (0.0, 0.3, 0.2, 0.2)]))[0]
    assert finding.remedy is Remedy.CROP
    assert finding.sentence.startswith("Two faces are in it")


def test_of_two_photos_alike_the_larger_is_kept():
    small, large = seen(1, size=(600, 800)), seen(2)
    small.measures["phash"], small.measures["tiny"] = large.measures["phash"], large.measures["tiny"]

    (finding,) = duplicates([small, large])

    assert (finding.photo_id, finding.other_id) == (1, 2)
    assert "IMG_2.jpg" in finding.sentence


def test_of_three_photos_alike_two_are_too_many():
    same = {name: measures(5)[name] for name in ("phash", "tiny")}
    assert [finding.other_id for finding in duplicates([seen(n, **same) for n in (1, 2, 3)])] == [1, 1]


def test_the_same_shapes_in_other_colours_are_another_photo():
    assert duplicates([seen(1, phash=measures(2)["phash"]), seen(2)]) == []


def test_a_set_without_findings_is_good_to_go():
    assert report([seen(number) for number in range(8)]).score == GOOD


def test_a_set_that_nobody_looked_at_has_no_score():
    assert report([]).score == ""


def test_the_score_counts_photos_and_not_findings():
    photos = [seen(1, blur=3.0, light=DARK), seen(2, blur=3.0), seen(3)]
    assert report(photos).score == "Two photos will hurt"


def test_what_could_only_be_better_does_not_hurt():
    found = report([seen(1, faces=[(0.5, 0.5, 0.08, 0.08)])])
    assert (found.score, len(found.findings)) == (GOOD, 1)


def test_what_hurts_stands_first():
    found = report([seen(1, faces=[(0.5, 0.5, 0.08, 0.08)]), seen(2, blur=3.0)])
    assert [finding.photo_id for finding in found.findings] == [2, 1]


def test_a_background_that_never_changes_is_told_once():
    same = measures(5)["background"]
    assert "background is the same" in report([seen(n, background=same) for n in range(6)]).remarks[0]


def test_four_photos_are_too_few_to_say_that_nothing_changes():
    same = measures(5)["background"]
    assert report([seen(n, background=same) for n in range(4)]).remarks == ()


def test_clothes_that_never_change_are_told():
    same = measures(5)["clothes"]
    assert "clothes are the same" in report([seen(n, clothes=same) for n in range(6)]).remarks[0]


def test_two_hundred_photos_that_differ_are_not_taken_for_each_other():
    found = report([seen(number) for number in range(200)])
    assert (found.seen, found.findings) == (200, ())
