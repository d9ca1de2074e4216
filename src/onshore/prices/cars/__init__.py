"""The car market: what a change of cost, tax or ownership does to the prices of cars.

    calibrate_cars      tables of models and consumers to demand that fits every share, and costs that fit every price
    car_prices          the prices after a change, with what each side gains, and what to be wary of
    car_elasticities    how the share of one model answers the price of another
    costs_through_bom   changes of parts' unit costs to the cost of each model
    declared            the tables that go in and come out

Random-coefficients logit with multiproduct Bertrand (Berry, Levinsohn, Pakes 1995). The mathematics is on
docs/explanation/car-market.md; arrays carry its letters.
"""

from onshore.prices.cars.answer import CarPrices, car_prices
from onshore.prices.cars.market import CarMarkets, calibrate_cars, car_elasticities
from onshore.prices.cars.parts import CarCosts, costs_through_bom

__all__ = [
    "CarCosts", "CarMarkets", "CarPrices", "calibrate_cars", "car_elasticities", "car_prices", "costs_through_bom",
]  # fmt: skip
