"""Photos from addresses take few threads, and no caller takes them all."""

from __future__ import annotations

from shop.http import gunicorn
from visualsearch.services.search.fetched_photos import FETCHES_AT_ONCE, OF_ONE_CALLER, Slots


def test_fetches_leave_most_threads_to_pages() -> None:
    assert OF_ONE_CALLER < FETCHES_AT_ONCE <= gunicorn.threads // 4


def test_a_caller_has_part_of_the_slots_and_all_together_have_them_all() -> None:
    slots = Slots(3, of_one=2)

    with slots.slot("a") as first, slots.slot("a") as second, slots.slot("a") as third:
        assert (first, second, third) == (True, True, False)
        with slots.slot("b") as other, slots.slot("c") as none_left:
            assert (other, none_left) == (True, False)

    with slots.slot("a") as again, slots.slot("c") as free:
        assert (again, free) == (True, True)
    assert not slots._held
