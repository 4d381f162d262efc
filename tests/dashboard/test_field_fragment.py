from django import forms
from django.template.loader import render_to_string


class Order(forms.Form):
    steps = forms.IntegerField(help_text="About 100 looks at each photo.")
    goal = forms.ChoiceField(choices=[("pet", "A pet"), ("person", "A person")], widget=forms.RadioSelect)
    rehearse = forms.BooleanField(required=False)
    nonce = forms.CharField(widget=forms.HiddenInput, required=False)


def rendered(field: str, **more: object) -> str:
    """The fragment as a browser takes it in, where one space is as good as a new line."""
    html = render_to_string("_field.html", {"field": Order({"steps": "many", "goal": "fish"})[field], **more})
    return " ".join(html.split())


def test_a_wrong_field_keeps_what_was_typed_and_points_to_its_sentence():
    html = rendered("steps")
    assert 'value="many"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_steps_helptext id_steps_error"' in html
    assert 'id="id_steps_error"' in html
    assert 'id="id_steps_helptext"' in html
    assert "Enter a whole number." in html


def test_a_field_shows_its_unit():
    assert '<span class="unit">steps</span>' in rendered("steps", unit="steps")


def test_radios_are_a_group_with_a_name_and_its_sentence():
    html = rendered("goal")
    assert "<legend>Goal</legend>" in html
    assert 'class="segmented"' in html
    assert '<fieldset class="field" id="id_goal" aria-describedby="id_goal_error"' in html


def test_a_checkbox_stands_inside_its_label():
    assert '<label for="id_rehearse"><input type="checkbox"' in rendered("rehearse")


def test_a_hidden_field_is_only_its_input():
    assert rendered("nonce").strip() == '<input type="hidden" name="nonce" id="id_nonce">'
