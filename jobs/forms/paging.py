"""Where in a long list a page begins."""

from django import forms

from dashboard.numbers import LARGEST_ID


class PagingForm(forms.Form):
    """Rows older than the one with the id `before`; without it the newest."""

    before = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
