"""The records of a CSV file, counted exactly before anything parses it.

Polars fills a short row with nulls and renames a repeated heading without a word. So one vectorised pass over
the bytes finds where each record ends, how many fields it has and whether its quotes are well formed; only
records of the heading's width are handed on. The grammar is RFC 4180: a field is quoted as a whole or holds no
quote at all. A carriage return outside quotes ends a record, as it does in spreadsheets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Records", "scan", "without"]

QUOTE, COMMA, LF, CR = 34, 44, 10, 13
_BLOCK = 1 << 24

_SPECIAL = np.zeros(256, bool)
_SPECIAL[[QUOTE, COMMA, LF]] = True


@dataclass(frozen=True)
class Records:
    """`starts` and `ends` (after the line end) of each record in `data`, its `fields`, and whether it is `blank`.

    `fault` is the first breach of the quoting rules: the record's position and what is wrong; then the records
    from there on mean nothing.
    """

    data: bytes
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    fields: NDArray[np.int64]
    blank: NDArray[np.bool_]
    fault: tuple[int, str] | None = None

    def text(self, record: int) -> str:
        """One record as it stands, without its line end."""
        return self.data[self.starts[record] : self.ends[record]].decode("utf-8", "replace").rstrip("\r\n")


def scan(data: bytes) -> Records:
    """The records of `data`, which must be UTF-8 without a byte order mark."""
    data = _unix_ends(data)
    if data and not data.endswith(b"\n"):
        data += b"\n"  # so that every record ends with one; harmless inside an open quote, which is a fault anyway
    array = np.frombuffer(data, np.uint8)
    at, fields, fault, last_parity = _separators(array)
    starts = np.concatenate(([0], at[:-1] + 1)) if len(at) else np.zeros(0, np.int64)
    if fault is None and last_parity:
        opened = int(np.flatnonzero(array == QUOTE)[-1])
        fault = (opened, "the last one is never closed")
    place = None if fault is None else (int(np.searchsorted(at, fault[0])), fault[1])
    blank = _blank(array, starts, at, fields)
    return Records(data, starts, at + 1, fields, blank, place)


def without(records: Records, keep: NDArray[np.bool_], first: int) -> bytes:
    """The bytes of the records to keep, from record `first` on."""
    keep = keep.copy()
    keep[:first] = False
    if not keep.any():
        return b""
    if keep[first:].all():
        return records.data[records.starts[first] :]
    lengths = records.ends - records.starts
    mask = np.repeat(keep, lengths)
    return np.frombuffer(records.data, np.uint8)[: len(mask)][mask].tobytes()


def _unix_ends(data: bytes) -> bytes:
    """CRLF and lone CR outside quotes as LF. Inside quotes nothing changes."""
    if b"\r" not in data:
        return data
    if b'"' not in data:
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    array = np.frombuffer(data, np.uint8)
    inside = np.bitwise_xor.accumulate((array == QUOTE).view(np.uint8)).view(bool)
    outside = (array == CR) & ~inside
    before_lf = np.zeros(len(array), bool)
    before_lf[:-1] = outside[:-1] & (array[1:] == LF)
    changed = array.copy()
    changed[outside] = LF
    return changed[~before_lf].tobytes()


def _separators(
    array: NDArray[np.uint8],
) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[int, str] | None, bool]:
    """Where each record's line feed is, its number of fields, the first quoting fault, whether a quote stays open.

    In blocks, so that a large file needs little memory beside itself.
    """
    ends: list[NDArray[np.int64]] = []
    counts: list[NDArray[np.int64]] = []
    open_fields, parity, fault = 0, 0, None
    for start in range(0, len(array), _BLOCK):
        block = array[start : start + _BLOCK]
        at = np.flatnonzero(_SPECIAL[block])
        what = block[at]
        if (quotes := what == QUOTE).any() or parity:
            inside = (np.cumsum(quotes, dtype=np.int64) + parity) & 1
            fault = fault or _misplaced(array, at[quotes] + start, inside[quotes] == 1)
            parity = int(inside[-1]) if len(inside) else parity
            outside = ~quotes & (inside == 0)
            at, what = at[outside], what[outside]
        ordinal = np.flatnonzero(what == LF)
        if len(ordinal):
            fields = np.diff(ordinal, prepend=-1)
            fields[0] += open_fields
            open_fields = len(at) - 1 - int(ordinal[-1])
            ends.append(at[ordinal].astype(np.int64) + start)
            counts.append(fields)
        else:
            open_fields += len(at)
    none = np.zeros(0, np.int64)
    return np.concatenate([none, *ends]), np.concatenate([none, *counts]), fault, bool(parity)


def _misplaced(
    array: NDArray[np.uint8], quotes: NDArray[np.int64], opening: NDArray[np.bool_]
) -> tuple[int, str] | None:
    """The first quote that opens after something, or closes before something, other than a separator.

    A doubled quote closes and opens again, so a quote may always stand beside a quote of the other sort.
    """
    before = np.where(quotes > 0, array[quotes - 1], LF)
    after = np.where(quotes + 1 < len(array), array[np.minimum(quotes + 1, len(array) - 1)], LF)
    edge_before = (before == COMMA) | (before == LF) | (before == QUOTE)
    edge_after = (after == COMMA) | (after == LF) | (after == QUOTE)
    wrong = np.flatnonzero(np.where(opening, ~edge_before, ~edge_after))
    if not len(wrong):
        return None
    first = int(wrong[0])
    reason = "one stands inside an unquoted text" if opening[first] else "text follows the closing one"
    return int(quotes[first]), reason


def _blank(
    array: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], fields: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Records of nothing, of commas only (as spreadsheets write an empty row), or of one field of spaces."""
    length = ends - starts
    blank: NDArray[np.bool_] = length == fields - 1
    for record in np.flatnonzero((fields == 1) & ~blank & (length < 200)):
        text = array[starts[record] : ends[record]].tobytes()
        blank[record] = not text.strip() and QUOTE not in text
    return blank
