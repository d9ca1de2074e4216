"""The odds of a target, from plain tables of contracts and of what was seen of them (docs/explanation/odds.md).

odds              `forecast`: from a record and targets to a fan, chances, beliefs and pulls
known             the record as one date knew it
priors            what is assumed before the record speaks
realisation       the curve of each contract, and its likelihood
signings          how many contracts come, and how large
sampling          importance sampling, and what its draws are worth
beliefs           prior beside posterior
simulation        paths of contracted and realised amounts
pulls             what each contract that is behind costs a target
reference_class   what became of other countries' projects, beside and not pooled
backtest          earlier forecasts, each from what was published by its date
calibration       programmes with known truth: are the bands as wide as they say?
words             all of it for people
"""

from onshore.progress.forecast.backtest import backtest
from onshore.progress.forecast.calibration import calibrate
from onshore.progress.forecast.odds import Forecast, forecast
from onshore.progress.forecast.priors import Priors

__all__ = ["Forecast", "Priors", "backtest", "calibrate", "forecast"]
