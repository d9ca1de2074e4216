"""Figures as they are written in sentences."""

from __future__ import annotations

__all__ = ["amount"]


def amount(value: object) -> str:
    """1,234,567 or 0.0123: whole when large, six digits when small."""
    number = float(str(value))
    return f"{number:,.0f}" if abs(number) >= 100_000 else f"{number:,.6g}"
