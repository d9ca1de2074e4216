"""The settings of a programme: what `programme.toml` (or the sheet `programme`) says."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["SCHEMA_VERSION", "SETTINGS", "OptionBounds", "Setting", "Settings"]

SCHEMA_VERSION = 1
"""What this release reads. `docs/how-to/migrate-a-programme.md` says what changed between versions."""


@dataclass(frozen=True)
class Setting:
    """One entry. `name` is dotted where it stands in a section (`options.pairs_max`).

    `type` is one of text, currency, whole, number, share, choice, wholes, shares. A setting without a
    `default` is required.
    """

    name: str
    type: str
    meaning: str
    example: str
    default: object = None
    required: bool = False
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


SETTINGS: tuple[Setting, ...] = (
    Setting("schema_version", "whole", "version of the tables that the programme is written for", "1", required=True, low=1),
    Setting("name", "text", "what people call the programme", "Parts made at home", required=True),
    Setting("currency", "currency", "the currency in which it is planned and told", "EUR", required=True),
    Setting("calendar", "choice", "the calendar of its years", "gregorian", required=True, choices=("gregorian", "solar-hijri")),
    Setting("first_year", "whole", "first programme year", "2027", required=True, low=1, high=9000),
    Setting("last_year", "whole", "last programme year", "2031", required=True, low=1, high=9000),
    Setting("encoding", "choice", "how the CSV files are encoded", "utf-8", default="utf-8", choices=("utf-8", "windows-1256")),
    Setting("discount_rate", "number", "real discount rate a year", "0.08", required=True, low=-0.5, high=5),
    Setting("perspective", "choice", "whose cost is least: the buyer's, or the whole programme's (without duty, with public money)", "programme", default="programme", choices=("buyer", "programme")),
    Setting("objective", "text", "what the plan optimises: `cost`, or the name of any measure", "cost", default="cost"),
    Setting("objective_sense", "choice", "whether it should be `least` or `most`", "least", default="least", choices=("least", "most")),
    Setting("shadow_premium", "number", "premium on foreign currency in the programme's cost", "0", default=0.0, low=0, high=10),
    Setting("asset_life_years", "number", "life of tooling, modules and set-up; what is left of it at the end is credited in a straight line; nothing is credited when absent", "8", low=0.5, high=100),
    Setting("rate_market", "text", "the market whose rates convert money, `ECB` for the European Central Bank's", "ECB", default="ECB"),
    Setting("rate_markets.imports", "text", "another market for imports and imported inputs", "official"),
    Setting("rate_markets.purchases", "text", "another market for what is bought at home", "free"),
    Setting("rate_markets.investment", "text", "another market for tooling, modules and set-up", "NIMA"),
    Setting("options.start_years", "wholes", "years in which a part may start; every programme year when absent", "[2027, 2028]"),
    Setting("options.share_steps", "shares", "shares of a part's need that may be made at home", "[0.5, 1.0]", default=(1.0,)),
    Setting("options.split_steps", "shares", "how two makers may split it: the first one's share", "[0.6]", default=(0.6,)),
    Setting("options.pairs_max", "whole", "most pairs of offers considered for a part; 0 for single sourcing only", "3", default=0, low=0, high=10_000),
)  # fmt: skip


@dataclass(frozen=True)
class OptionBounds:
    """What bounds the option table. `start_years` empty means every programme year."""

    start_years: tuple[int, ...] = ()
    share_steps: tuple[float, ...] = (1.0,)
    split_steps: tuple[float, ...] = (0.6,)
    pairs_max: int = 0


@dataclass(frozen=True)
class Settings:
    """The settings as values. `rate_markets` holds only the flows that differ from `rate_market`."""

    name: str
    currency: str
    calendar: str
    first_year: int
    last_year: int
    discount_rate: float
    schema_version: int = SCHEMA_VERSION
    encoding: str = "utf-8"
    perspective: str = "programme"
    objective: str = "cost"
    objective_sense: str = "least"
    shadow_premium: float = 0.0
    asset_life_years: float | None = None
    rate_market: str = "ECB"
    rate_markets: dict[str, str] = field(default_factory=dict)
    options: OptionBounds = OptionBounds()

    @property
    def years(self) -> tuple[int, ...]:
        """The programme years in order; T of them."""
        return tuple(range(self.first_year, self.last_year + 1))

    @property
    def sign(self) -> float:
        """1, or -1 where the objective should be most: the planner makes sign times the objective least."""
        return -1.0 if self.objective_sense == "most" else 1.0

    def market(self, flow: str) -> str:
        """The rate market of a flow: `imports`, `purchases` or `investment`."""
        return self.rate_markets.get(flow, self.rate_market)
