"""Forms that leave parts of themselves to those built on them."""

from abc import ABCMeta

from django.forms.forms import DeclarativeFieldsMetaclass


class OpenForm(DeclarativeFieldsMetaclass, ABCMeta):
    """The type of such a form: one whose abstract methods are not filled in cannot be made."""
