"""What a plan means for products and makers, by hand."""

import pytest

import onshore as on

SETTINGS = {
    "schema_version": 1,
    "name": "c",
    "currency": "EUR",
    "calendar": "gregorian",
    "first_year": 2027,
    "last_year": 2029,
    "discount_rate": 0,
}


def test_cash_of_a_maker_by_hand():
    """If it fails, a maker is told the wrong money. 100 a year at 10, from the second year on, signed in the first.

    A quarter of the first twelve months' 1,000 is prepaid at signing: 250 in 2027. Invoices of 750 (2028) and 1,000
    (2029) are paid 73 days later, so a fifth of each slips a year: 600 in 2028; 800 + 150 in 2029. Owed at the ends:
    -250; 1,000 - 850 = 150; 2,000 - 1,800 = 200. The maker pays its tooling of 90 in the year before the start.
    """
    programme = on.build(
        SETTINGS,
        {
            "parts": [{"part": "a", "import_price": 20, "currency": "EUR"}],
            "needs": [{"part": "a", "year": y, "units": 100} for y in (2027, 2028, 2029)],
            "makers": [{"maker": "m"}, {"maker": "idle"}],
            "offers": [
                {
                    "offer": "o", "part": "a", "maker": "m", "unit_price": 10, "currency": "EUR", "annual_max": 100,
                    "lead_time_months": 12, "tooling_cost": 90, "tooling_paid_by": "maker", "prepayment_share": 0.25,
                    "payment_days": 73, "public_support": 30,
                }
            ],
        },
    )  # fmt: skip
    cash = on.plan(programme, gap=0)["cash"]
    assert cash["maker"].unique().to_list() == ["m"]
    by_hand = {
        "delivered": [0, 1000, 1000], "received": [250, 600, 950], "owed": [-250, 150, 200], "tooling": [90, 0, 0], "grants": [30, 0, 0],
    }  # fmt: skip
    for column, values in by_hand.items():
        assert cash[column].to_list() == pytest.approx(values), column


def test_payment_terms_of_more_than_a_year():
    """If it fails, an invoice paid after 18 months is lost or paid early."""
    import numpy as np

    from onshore.sourcing.consequences import _delayed

    assert _delayed(np.array([[100.0, 0, 0, 0]]), np.array([1.5])).tolist() == [[0, 50, 50, 0]]


def test_content_and_defects_of_a_product_by_hand():
    """If it fails, a minister quotes a wrong content. A car has 2 lamps (20 each abroad, 15 at home, a fifth of that
    imported inputs; 1,000 and 3,000 defective in a million) and 160 of other value, 90 of it local.

    Before: 90 / (160 + 40) = 45 %, 0.002 defective lamps. After: (90 + 2 x 12) / (160 + 30) = 60 %, 0.006.
    """
    programme = on.build(
        {**SETTINGS, "last_year": 2027},
        {
            "parts": [{"part": "lamp", "import_price": 20, "currency": "EUR", "defects_ppm": 1000}],
            "products": [{"product": "car", "other_value": 160, "other_local_value": 90, "currency": "EUR"}],
            "bom": [{"product": "car", "part": "lamp", "quantity": 2}],
            "volumes": [{"product": "car", "year": 2027, "units": 50}],
            "makers": [{"maker": "m"}],
            "offers": [{"offer": "o", "part": "lamp", "maker": "m", "unit_price": 15, "currency": "EUR", "annual_max": 100, "lead_time_months": 0, "tooling_cost": 0, "imported_input_share": 0.2, "defects_ppm": 3000}],
        },
    )  # fmt: skip
    row = on.plan(programme, gap=0)["products_met"].row(0, named=True)
    assert (row["content_before"], row["content_after"]) == (pytest.approx(0.45), pytest.approx(0.6))
    assert (row["defects_before"], row["defects_after"]) == (pytest.approx(0.002), pytest.approx(0.006))
