"""What `car-line` is drawn from: kinds of part, models and their published volumes, makers, ventures.

Names of parts and their customs codes are those of the trade; which of them are imported, and what share of a car each
is, is ours. `car_line.py` scales the values below to the published aggregates.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "FAMILIES",
    "KINDS",
    "MAKERS",
    "MODELS",
    "PLATFORMS",
    "VENTURES",
    "Family",
    "Kind",
    "Maker",
    "Model",
    "Venture",
]


class Model(NamedTuple):
    """A car, and the units of 1400. `printed`: the figure of the source, and `split`: how ours follows from it."""

    key: str
    name: str
    maker: str
    platform: str
    units: int
    worth: int  # euros of one car beside its modelled parts
    kind: str
    split: str
    source: str


_CODAL = "https://www.tehrantimes.com/news/471336/Annual-production-by-major-automakers-exceeds-867-000 (2022-04-04)"
_PLAN = "https://financialtribune.com/articles/auto/109886/saipa-plans-12-output-rise (2021-08)"
_PEUGEOT = "The Peugeot family is printed as one: 297,817. Ours: split like the three models of 1394 (405 107,846, Pars 104,983, 206 96,830), the share of the 206 halved with the 207."
_DENA = "Dena is printed as one: 50,257. Ours: two in five are the turbocharged Dena+."

MODELS = (
    Model("peugeot-206", "Peugeot 206", "IKCO", "tu", 46_553, 4670, "history", _PEUGEOT, _CODAL),
    Model("peugeot-207", "Peugeot 207", "IKCO", "tu", 46_554, 5300, "history", _PEUGEOT, _CODAL),
    Model("rana", "Rana", "IKCO", "tu", 35_630, 4500, "history", "", _CODAL),
    Model("tara", "Tara", "IKCO", "tu", 8_451, 6400, "history", "", _CODAL),
    Model("peugeot-405", "Peugeot 405", "IKCO", "xu", 103_743, 4300, "history", _PEUGEOT, _CODAL),
    Model("peugeot-pars", "Peugeot Pars", "IKCO", "xu", 100_967, 4700, "history", _PEUGEOT, _CODAL),
    Model("samand", "Samand", "IKCO", "ef", 50_095, 4400, "history", "", _CODAL),
    Model("dena", "Dena", "IKCO", "ef", 30_154, 5200, "history", _DENA, _CODAL),
    Model("dena-plus", "Dena+ (turbocharged)", "IKCO", "ef", 20_103, 6100, "history", _DENA, _CODAL),
    Model("tiba", "Tiba", "SAIPA", "x200", 100_000, 3300, "outlook", "", _PLAN),
    Model("saina", "Saina", "SAIPA", "x200", 79_000, 3500, "outlook", "", _PLAN),
    Model("quick", "Quick", "SAIPA", "x200", 147_000, 3700, "outlook", "", _PLAN),
    Model("shahin", "Shahin", "SAIPA", "sp1", 50_000, 5600, "outlook", "", _PLAN),
)

PLATFORMS = {
    "tu": "IKCO, TU5 engine", "xu": "IKCO, XU7 engine", "ef": "IKCO, EF7 engine",
    "x200": "SAIPA, X200", "sp1": "SAIPA, SP1",
}  # fmt: skip


class Family(NamedTuple):
    """How parts of a process are offered: price over the landed import, its spread, and what else depends on it."""

    dearness: float
    spread: float
    unoffered: float  # share of parts that nobody offers
    offers: tuple[int, int]
    lead: tuple[int, int]  # months
    tooling: tuple[float, float]  # share of a year's import value
    imported: tuple[float, float]  # share of the price


FAMILIES = {
    "casting": Family(1.02, 0.10, 0.03, (1, 4), (8, 18), (0.12, 0.30), (0.10, 0.25)),
    "forging": Family(1.03, 0.10, 0.04, (1, 4), (8, 18), (0.12, 0.30), (0.12, 0.30)),
    "machining": Family(1.04, 0.11, 0.04, (1, 4), (6, 16), (0.08, 0.22), (0.15, 0.35)),
    "stamping": Family(1.00, 0.10, 0.03, (1, 4), (8, 20), (0.14, 0.34), (0.20, 0.40)),
    "moulding": Family(0.98, 0.10, 0.03, (1, 4), (5, 14), (0.10, 0.26), (0.25, 0.45)),
    "electronics": Family(1.03, 0.10, 0.18, (1, 3), (9, 24), (0.05, 0.15), (0.50, 0.70)),
    "assembly": Family(1.00, 0.09, 0.04, (1, 3), (4, 15), (0.06, 0.18), (0.30, 0.50)),
    "raw material": Family(1.04, 0.09, 0.45, (1, 2), (12, 24), (0.20, 0.50), (0.05, 0.20)),
}


class Kind(NamedTuple):
    """A kind of part. `level`: one for `all` cars, one a car maker (`group`), one a `platform`, or the platforms named.

    `value`: weight in a car's imported content. `desk` marks kinds taken for the record's first desk at IKCO: five
    of them it names, the others are ours.
    """

    key: str
    name: str
    family: str
    hs: str
    value: float
    quantity: int
    level: str
    subproject: str
    desk: bool = False


def _kinds(family: str, rows: str) -> tuple[Kind, ...]:
    """Kinds written one a line: key, name, customs code, value, quantity, level, subproject, and `desk`."""
    cells = [[c.strip() for c in row.split("|")] for row in rows.strip().splitlines()]
    return tuple(
        Kind(k, n, family, hs, float(v), int(q), level, sub, bool(desk)) for k, n, hs, v, q, level, sub, *desk in cells
    )


KINDS = (
    *_kinds("raw material", """
        cold-rolled-sheet      | Cold-rolled sheet, kg              | 720917 | 70 |  90 | group | materials
        galvanised-sheet       | Galvanised sheet, kg               | 721049 | 85 | 100 | group | materials
        special-bar            | Special bar steel, kg              | 722830 | 38 |  45 | group | materials
        stainless-strip        | Stainless strip, kg                | 722020 | 16 |   8 | group | materials
        electrical-steel       | Electrical steel, kg               | 722519 | 12 |   9 | all   | materials
        aluminium-ingot        | Alloyed aluminium ingot, kg        | 760120 | 62 |  30 | group | materials
        copper-rod             | Copper wire rod, kg                | 740811 | 34 |   6 | all   | materials
        polypropylene          | Polypropylene compound, kg         | 390230 | 42 |  38 | group | materials
        abs-granulate          | ABS granulate, kg                  | 390330 | 18 |   9 | all   | materials
        polyamide              | Polyamide 66, kg                   | 390810 | 17 |   5 | all   | materials
        polyol                 | Polyol for foam, kg                | 390720 |  9 |   5 | all   | materials
        isocyanate             | Isocyanate for foam, kg            | 292910 |  9 |   4 | all   | materials
        synthetic-rubber       | Synthetic rubber, kg               | 400219 | 20 |  12 | group | materials
        carbon-black           | Carbon black, kg                   | 280300 |  5 |   6 | all   | materials
        friction-compound      | Friction compound, kg              | 382499 |  6 |   2 | all   | materials
        electrocoat            | Electrocoat and primer, kg         | 320890 | 15 |   6 | group | materials
        top-coat               | Top coat, kg                       | 320810 | 18 |   5 | group | materials
        sealant                | Body sealant, kg                   | 321410 |  8 |   5 | all   | materials
        adhesive               | Structural adhesive, kg            | 350691 |  6 |   1 | all   | materials
        catalyst-monolith      | Coated catalyst monolith           | 711590 | 60 |   1 | group | materials
        pvb-film               | PVB film for windscreens, m2       | 392091 |  8 |   2 | all   | materials
        seat-fabric            | Seat fabric, m2                    | 590320 | 12 |   7 | group | materials
        refrigerant            | Refrigerant gas, kg                | 290339 |  6 |   1 | all   | materials
        base-oil               | Base oil for first fill, l         | 271019 |  7 |   8 | all   | materials
        ferrite-magnet         | Ferrite magnets, set               | 850519 |  8 |   1 | all   | materials
    """),
    *_kinds("electronics", """
        engine-control-unit    | Engine control unit                | 903289 | 62 | 1 | platform | electrical
        body-control-module    | Body control module                | 853710 | 30 | 1 | platform | electrical
        instrument-cluster     | Instrument cluster                 | 902920 | 24 | 1 | platform | electrical
        engine-harness         | Engine wiring harness              | 854430 | 20 | 1 | platform | electrical
        main-harness           | Main wiring harness                | 854430 | 36 | 1 | platform | electrical
        headlamp               | Headlamp                           | 851220 | 26 | 2 | platform | electrical
        tail-lamp              | Tail lamp                          | 851220 | 12 | 2 | platform | electrical
        throttle-body          | Electronic throttle body           | 840991 | 18 | 1 | platform | engine
        fuel-pump              | Fuel pump module                   | 841330 | 19 | 1 | platform | engine
        injector               | Fuel injector                      | 840991 | 24 | 4 | platform | engine
        ignition-coil          | Ignition coil                      | 851130 | 14 | 1 | platform | engine
        cooling-fan            | Cooling fan motor                  | 850131 | 13 | 1 | platform | engine
        abs-unit               | ABS control unit                   | 870830 | 55 | 1 | group | chassis
        airbag-control-unit    | Airbag control unit                | 903289 | 22 | 1 | group | interior
        multimedia             | Multimedia system                  | 852721 | 26 | 1 | group | electrical
        alternator             | Alternator                         | 851150 | 28 | 1 | group | electrical
        starter                | Starter                            | 851140 | 22 | 1 | group | electrical
        steering-motor         | Motor of electric steering         | 850131 | 34 | 1 | group | chassis
        window-motor           | Window motor                       | 850110 | 12 | 4 | group | body
        wiper-motor            | Wiper motor                        | 850131 |  8 | 1 | group | body
        immobiliser            | Immobiliser and keys               | 852692 | 10 | 1 | group | electrical
        climate-control        | Climate control panel              | 903210 |  8 | 1 | group | interior
        oxygen-sensor          | Oxygen sensor                      | 902710 | 14 | 2 | group | engine
        pressure-sensor        | Manifold pressure sensor           | 902620 |  5 | 1 | group | engine
        wheel-speed-sensor     | Wheel speed sensor                 | 902910 | 10 | 4 | group | chassis
        crankshaft-sensor      | Crankshaft sensor                  | 903180 |  4 | 1 | ikco  | desk-1 | desk
        knock-sensor           | Knock sensor                       | 903180 |  3 | 1 | ikco  | desk-1 | desk
        speaker                | Speaker                            | 851829 |  9 | 4 | ikco  | desk-1 | desk
        ampere-meter           | Ampere meter                       | 903033 |  6 | 1 | ikco  | desk-1 | desk
        microcontroller        | Microcontrollers, set              | 854231 | 26 | 1 | all   | electrical
        circuit-board          | Bare circuit boards, set           | 853400 | 10 | 1 | all   | electrical
        relay                  | Relay                              | 853641 |  6 | 8 | all   | electrical
        connector              | Connectors, set                    | 853669 | 14 | 1 | all   | electrical
        parking-sensor         | Parking sensor                     | 903180 |  6 | 4 | all   | electrical
    """),
    *_kinds("casting", """
        cylinder-head          | Cylinder head                      | 840991 | 22 | 1 | platform | engine
        engine-block           | Engine block                       | 840991 | 26 | 1 | platform | engine
        intake-manifold        | Intake manifold                    | 840991 |  9 | 1 | platform | engine
        gearbox-housing        | Gearbox housing                    | 870840 | 11 | 1 | group | gearbox
        brake-disc             | Brake disc                         | 870830 |  8 | 2 | group | chassis
        water-pump             | Water pump                         | 841330 |  6 | 1 | group | engine
        alloy-wheel            | Alloy wheel                        | 870870 | 14 | 4 | group | chassis
        turbocharger           | Turbocharger                       | 841480 | 140 | 1 | dena-plus | desk-1 | desk
        turbocharger           | Turbocharger                       | 841480 | 120 | 1 | shahin | engine
    """),
    *_kinds("forging", """
        crankshaft             | Crankshaft                         | 848310 | 16 | 1 | platform | engine
        connecting-rod         | Connecting rod                     | 840991 | 10 | 4 | platform | engine
        camshaft               | Camshaft                           | 848310 |  9 | 1 | platform | engine
        cv-joint               | Constant-velocity joint            | 870850 | 18 | 2 | group | chassis
        gear-set               | Gear set                           | 848340 | 20 | 1 | group | gearbox
        wheel-hub              | Wheel hub                          | 870850 |  9 | 4 | group | chassis
        steering-knuckle       | Steering knuckle                   | 870880 |  7 | 2 | group | chassis
    """),
    *_kinds("machining", """
        piston                 | Piston with rings                  | 840991 | 14 | 4 | platform | engine
        brake-caliper          | Brake caliper                      | 870830 | 15 | 2 | platform | chassis
        engine-valve           | Engine valve                       | 840991 |  8 | 16 | group | engine
        hydraulic-tappet       | Hydraulic tappet                   | 840991 |  8 | 16 | group | engine
        engine-bearing         | Engine bearings, set               | 848330 |  6 | 1 | group | engine
        wheel-bearing          | Wheel bearing                      | 848210 | 14 | 4 | group | chassis
        synchroniser           | Synchroniser                       | 870840 |  8 | 3 | group | gearbox
        belt-tensioner         | Belt tensioner                     | 848350 |  6 | 1 | group | engine
        master-cylinder        | Brake master cylinder              | 870830 |  7 | 1 | group | chassis
        steering-valve         | Hydraulic steering valve           | 870894 |  9 | 1 | ikco  | desk-1 | desk
        oil-pump               | Oil pump                           | 841330 |  8 | 1 | ikco  | desk-1 | desk
    """),
    *_kinds("stamping", """
        outer-panels           | Outer body panels, set             | 870829 | 26 | 1 | platform | body
        catalytic-converter    | Catalytic converter, canned        | 870892 | 20 | 1 | platform | engine
        clutch-disc            | Clutch disc and cover              | 870893 | 14 | 1 | platform | gearbox
        seat-frame             | Seat frame                         | 940190 | 10 | 2 | group | interior
        seat-rail              | Seat rail                          | 940190 |  6 | 4 | group | interior
        torsion-beam           | Torsion beam rear suspension       | 870880 | 24 | 1 | tu    | chassis
        gasket-set             | Engine gaskets, set                | 848410 |  9 | 1 | ikco  | desk-1 | desk
        hydraulic-jack         | Hydraulic jack                     | 842542 |  7 | 1 | ikco  | desk-1 | desk
        exhaust-clamp          | Exhaust clamps and flanges, set    | 870892 |  5 | 1 | ikco  | desk-1 | desk
    """),
    *_kinds("moulding", """
        bumper                 | Bumper, unpainted                  | 870810 | 12 | 2 | platform | body
        dashboard              | Dashboard                          | 870829 | 17 | 1 | platform | interior
        door-panel             | Door panel                         | 870829 | 12 | 4 | platform | interior
        weatherstrip           | Weatherstrips, set                 | 401693 |  9 | 1 | platform | body
        fuel-tank              | Plastic fuel tank                  | 870899 | 10 | 1 | group | body
        air-filter-box         | Air filter box                     | 842131 |  5 | 1 | group | engine
        timing-belt            | Timing belt                        | 401035 |  5 | 1 | group | engine
        coolant-hose           | Coolant hoses, set                 | 400931 |  6 | 1 | group | engine
        engine-mount           | Engine mounts, set                 | 870899 |  8 | 1 | group | engine
        airbag                 | Airbag                             | 870895 | 30 | 2 | group | interior
        steering-wheel         | Steering wheel                     | 870894 |  9 | 1 | group | interior
        oil-seal               | Oil seals, set                     | 401693 |  4 | 1 | ikco  | desk-1 | desk
        fuel-hose              | Fuel hoses, set                    | 400932 |  5 | 1 | ikco  | desk-1 | desk
    """),
    *_kinds("assembly", """
        shock-absorber         | Shock absorber                     | 870880 | 16 | 4 | platform | chassis
        radiator               | Radiator                           | 870891 | 12 | 1 | platform | engine
        manual-gearbox         | Manual gearbox, kit                | 870840 | 34 | 1 | group | gearbox
        compressor             | Air-conditioning compressor        | 841430 | 28 | 1 | group | interior
        evaporator             | Evaporator and heater unit         | 841590 | 12 | 1 | group | interior
        condenser              | Condenser                          | 841590 |  9 | 1 | group | interior
        steering-rack          | Steering rack                      | 870894 | 18 | 1 | group | chassis
        brake-booster          | Brake booster                      | 870830 |  9 | 1 | group | chassis
        seat                   | Front seat, trimmed                | 940120 | 18 | 2 | group | interior
        door-lock              | Door lock                          | 830120 |  8 | 4 | group | body
        seat-belt              | Seat belt                          | 870821 | 12 | 4 | group | interior
    """),
)  # fmt: skip


class Maker(NamedTuple):
    """A maker that the record names. `makes`: kinds it is named for, or is known by in its venture."""

    key: str
    name: str
    families: tuple[str, ...]
    size: str
    region: str
    makes: tuple[str, ...]
    source: str


_FAURECIA = "https://www.am-today.com/article/faurecia-cree-2-nouvelles-co-entreprises-en-iran (2016-12)"
_STAND = "https://financialtribune.com/articles/auto/100332/automakers-tech-firms-sign-deals-to-curb-foreign-reliance (2019-10)"

MAKERS = (
    Maker("crouse", "Crouse", ("electronics", "moulding"), "large", "Tehran",
          ("engine-control-unit", "airbag-control-unit", "body-control-module", "abs-unit", "instrument-cluster"),
          "https://en.irna.ir/news/84303183/ (2021-04) | https://financialtribune.com/articles/auto/107200/automotive-parts-localization-technology-center-launched"),
    Maker("maad", "MAAD (Crouse and Avrand)", ("stamping", "assembly"), "large", "Tehran",
          ("catalytic-converter", "exhaust-clamp"), _FAURECIA + " | https://ifpnews.com/?p=54329"),
    Maker("azin-khodro", "Azin Khodro", ("moulding", "assembly"), "large", "Tehran",
          ("dashboard", "door-panel", "bumper", "steering-wheel"), _FAURECIA),
    Maker("riseco", "Riseco", ("moulding",), "medium", "Tehran", ("fuel-tank", "air-filter-box", "coolant-hose", "fuel-hose"),
          "https://kunststoffweb.de/branchen-news/mecaplast_autozulieferer_gruendet_jv_mit_iranischer_riseco_t236343 (2017)"),
    Maker("delco", "Delco", ("stamping",), "medium", "Tehran", ("catalytic-converter",),
          "https://www.en.eghtesadonline.com/Section-iran-economy-67/36021-tech-support-for-auto-localization (2021)"),
    Maker("pars-iranian-saman", "Pars Iranian Saman", ("electronics",), "small", "Tehran", ("headlamp", "tail-lamp"), _STAND),
    Maker("electronic-industries", "Electronic Industries of Iran", ("electronics", "moulding"), "large", "Fars",
          ("airbag", "airbag-control-unit"), _STAND),
    Maker("ikmt", "IKMT (IKCO)", ("stamping", "machining"), "medium", "Tehran", ("torsion-beam",),
          "https://financialtribune.com/articles/auto/110777/auto-part-localization-to-curtail-capital-flight-worth-17-million (2021-10)"),
    Maker("mega-motor", "Mega Motor (SAIPA)", ("casting", "machining", "assembly"), "large", "Tehran",
          ("engine-block", "manual-gearbox"), "https://ifpnews.com/iran-russia-automotive-deals-e700mn/ (2022-08)"),
)  # fmt: skip


class Venture(NamedTuple):
    """A venture of the record, or like one. `kinds`: what is offered through it; `set_up` is ours."""

    key: str
    maker: str
    partner: str
    country: str
    share: float | None
    set_up: int
    royalty: float
    opens: str
    kinds: tuple[str, ...]
    ours: str
    note: str
    source: str


_COST = "Set-up cost, royalty, opening day and what is offered through it."
VENTURES = (
    Venture("fcaes", "maad", "Faurecia", "France", 0.5, 3_500_000, 0.03, "2020-09-22", ("catalytic-converter", "exhaust-clamp"), _COST,
            "Joint venture FCAES: exhaust and emission control; sales of EUR 50 m and a quarter of the market were planned for 2020.", _FAURECIA),
    Venture("afisco", "azin-khodro", "Faurecia", "France", 0.5, 4_000_000, 0.03, "2020-09-22", ("dashboard", "door-panel"), _COST,
            "Joint venture AFISCO: instrument and door panels, consoles, trim; sales of EUR 50 m were planned for 2020.", _FAURECIA),
    Venture("fapsco", "fapsco-home-side", "Faurecia", "France", None, 3_000_000, 0.03, "", ("seat", "seat-frame", "seat-rail"),
            "The home side, which the record does not name; " + _COST[0].lower() + _COST[1:],
            "Joint venture FAPSCO: seats, 340,000 a year; sales of EUR 150 m were planned for 2020.", _FAURECIA),
    Venture("riseco-mecaplast", "riseco", "Mecaplast", "Monaco", 0.5, 2_000_000, 0.02, "2021-03-21",
            ("fuel-tank", "air-filter-box", "coolant-hose"), _COST, "A letter of intent: plastic parts.",
            "https://kunststoffweb.de/branchen-news/mecaplast_autozulieferer_gruendet_jv_mit_iranischer_riseco_t236343 (2017)"),
    Venture("electronics-china", "electronics-home-side", "A Chinese maker", "China", 0.4, 6_000_000, 0.04, "2021-03-21",
            ("engine-control-unit", "multimedia", "abs-unit", "headlamp", "alternator"),
            "Both sides and all terms: the record has an invitation to invest jointly in parts, and names nobody.",
            "Like the joint investments to which the minister invited Chinese makers in November 2019.",
            "https://en.mehrnews.com/amp/152130 (2019-11-10)"),
)  # fmt: skip
