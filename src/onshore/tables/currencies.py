"""The currencies that a cell may name: ISO 4217 (list one, 2026), and the Iranian toman."""

from __future__ import annotations

__all__ = ["CURRENCIES", "MEANT"]

CURRENCIES: tuple[str, ...] = tuple(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
    CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
    GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR IRT ISK JMD JOD JPY KES KGS KHR KMF KPW KRW
    KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN
    NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS
    SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND
    VUV WST XAF XCD XCG XDR XOF XPF YER ZAR ZMW ZWG
    """.split()
)
"""IRT is no ISO code; it is the toman of 10 rials, in which much of Iran counts. BGN left the list with 2025 and
stays for older data; metals, test codes and bond units are left out."""

MEANT: dict[str, str] = {
    "rial": "IRR",
    "rials": "IRR",
    "iranian rial": "IRR",
    "ریال": "IRR",
    "toman": "IRT",
    "tomans": "IRT",
    "tuman": "IRT",
    "تومان": "IRT",
    "تومن": "IRT",
    "euro": "EUR",
    "euros": "EUR",
    "€": "EUR",
    "یورو": "EUR",
    "dollar": "USD",
    "dollars": "USD",
    "$": "USD",
    "دلار": "USD",
    "yuan": "CNY",
    "rmb": "CNY",
    "یوان": "CNY",
    "dirham": "AED",
    "درهم": "AED",
}
"""What people write instead of a code, and the code that is proposed (never taken) for it."""
