"""An order as JSON: what was ordered is read back, also by a version that knows fewer fields of it, or more."""

import json
from dataclasses import fields

import pytest

from jobs.providers.order import Kind, Order, OrderSpec
from tests.properties import given, st

TEXTS = st.text(max_size=20)
VALUES = st.dictionaries(
    TEXTS,
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | TEXTS
    | st.lists(st.integers(), max_size=3),
    max_size=4,
)
ORDERS = st.builds(
    OrderSpec,
    kind=st.sampled_from(Kind),
    training=VALUES,
    generations=st.lists(VALUES, max_size=3).map(tuple),
    dry_run=st.booleans(),
    **dict.fromkeys(("name", "base_model", "model_type", "preset", "token", "class_word"), TEXTS),
)


@given(ORDERS)
def test_what_is_kept_is_read_back(order: OrderSpec):
    assert OrderSpec.from_json(json.loads(json.dumps(order.to_json()))) == order


@given(ORDERS)
def test_fields_of_a_later_version_are_passed_over(order: OrderSpec):
    assert OrderSpec.from_json(order.to_json() | {"not known yet": [1]}) == order


def test_fields_that_an_earlier_version_did_not_know_have_their_defaults():
    assert OrderSpec.from_json({"kind": "training"}) == OrderSpec(Kind.TRAINING)


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"kind": "sculpture"},
        {"kind": 1},
        {"kind": "training", "name": None},
        {"kind": "training", "dry_run": 1},
        {"kind": "training", "training": ["steps"]},
        {"kind": "training", "generations": {"prompt": "a dog"}},
        {"kind": "training", "generations": ["a dog"]},
    ],
)
def test_what_no_version_kept_is_refused(odd: dict[str, object]):
    with pytest.raises(ValueError, match=r"expected|missing|not a valid"):
        OrderSpec.from_json(odd)


def test_two_orders_are_the_same_work_whatever_they_are_called():
    order = OrderSpec(Kind.TRAINING, "Rex", preset="pet", training={"steps": 900})
    assert order.is_same_work(Order.of(OrderSpec(Kind.TRAINING, "Other", training={"steps": 900}), reference="7"))
    assert not order.is_same_work(OrderSpec(Kind.TRAINING, "Rex", preset="pet", training={"steps": 901}))


def test_a_providers_order_has_each_field_of_what_was_ordered():
    spec = OrderSpec(Kind.GENERATION, "Beach", "base", generations=({"prompt": "a dog"},), dry_run=True)
    order = Order.of(spec, callback_url="https://likeness.example.com/callbacks/t/")
    assert {each.name: getattr(order, each.name) for each in fields(OrderSpec)} == vars(spec)
    assert order.spec() == spec
