"""Programme years in both calendars."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshore.blueprint.calendar import middle, month_of, month_start, year_of, year_start


def test_1398_begins_on_the_21st_of_march_2019():
    """If it fails, every Solar Hijri year is off."""
    assert year_start(1398, "solar-hijri") == date(2019, 3, 21)
    assert year_start(1400, "solar-hijri") == date(2021, 3, 21)
    assert year_of(date(2022, 3, 20), "solar-hijri") == 1400
    assert middle(2027, "gregorian") == date(2027, 7, 2)


@pytest.mark.parametrize(("calendar", "first"), [("gregorian", 2027), ("solar-hijri", 1398)])
@given(st.integers(-60, 120))
def test_months_count_from_the_first_day(calendar, first, months):
    """If it fails, lead times and starts fall in the wrong month."""
    start = month_start(months, first, calendar)
    assert month_of(start, first, calendar) == months
    assert month_of(start - timedelta(days=1), first, calendar) == months
    assert month_of(start + timedelta(days=1), first, calendar) == months + 1
