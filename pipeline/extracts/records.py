"""One record of a CSV, and the lines of a block that need a closer look.

Knows bytes, quotes and delimiters; nothing of files or columns' names.
"""

import numpy as np

DELIMITERS = (",", ";", "\t", "|")
_NEWLINE, _RETURN, _QUOTE = 10, 13, 34


class BrokenRecord(Exception):
    """A line that is no record; says why, without a value of it."""


def split_record(text: str, delimiter: str) -> tuple[list[str], bool]:
    """The fields of one line, and whether a quote in it is a plain character.

    A quote is special only where a field begins with it, and is doubled inside. Raises
    BrokenRecord where a quoted field does not end, or goes on after its end.
    """
    fields: list[str] = []
    has_plain_quote = False
    place = 0
    while True:
        if text.startswith('"', place):
            field, place = _quoted_field(text, place, delimiter)
        else:
            end = text.find(delimiter, place)
            end = len(text) if end < 0 else end
            field, place = text[place:end], end
            has_plain_quote |= '"' in field
        fields.append(field)
        if place >= len(text):
            return fields, has_plain_quote
        place += 1


def _quoted_field(text: str, start: int, delimiter: str) -> tuple[str, int]:
    place = start + 1
    while True:
        end = text.find('"', place)
        if end < 0:
            raise BrokenRecord("a quoted field does not end on its line")
        if not text.startswith('"', end + 1):
            break
        place = end + 2
    after = end + 1
    if after < len(text) and text[after] != delimiter:
        raise BrokenRecord("there is text after a closing quote")
    return text[start + 1 : end].replace('""', '"'), after


def quoted(fields: list[str], delimiter: str) -> str:
    """The fields as one line in which every field is quoted."""
    return delimiter.join('"' + field.replace('"', '""') + '"' for field in fields)


def irregular_lines(block: bytes, delimiter: str, width: int) -> np.ndarray:
    """The places, from 0, of the lines that are not plainly a record of ``width`` fields.

    The block must end with a newline. Odd or misplaced quotes count as irregular, so
    that a line never depends on the one before it.
    """
    codes = np.frombuffer(block, np.uint8)
    mark = ord(delimiter)
    marks = (codes == _NEWLINE) | (codes == mark)
    if b'"' in block:
        marks |= codes == _QUOTE
        return _irregular_with_quotes(codes, np.flatnonzero(marks), mark, width)
    symbols = codes[marks] == _NEWLINE
    if width > 1 and symbols.size % width == 0:
        rows = symbols.reshape(-1, width)
        if rows[:, -1].all() and not rows[:, :-1].any():
            return np.empty(0, np.int64)
    fields = np.diff(np.flatnonzero(symbols), prepend=-1)
    irregular = fields != width
    if width == 1:
        irregular |= _short_lines(codes)
    return np.flatnonzero(irregular)


def _short_lines(codes: np.ndarray) -> np.ndarray:
    # With one column a blank line has the right number of fields.
    return np.diff(np.flatnonzero(codes == _NEWLINE), prepend=-1) <= 2


def _irregular_with_quotes(
    codes: np.ndarray, places: np.ndarray, mark: int, width: int
) -> np.ndarray:
    symbols = codes[places]
    is_quote, is_newline = symbols == _QUOTE, symbols == _NEWLINE
    line_of = np.cumsum(is_newline) - is_newline
    quotes_so_far = np.cumsum(is_quote)
    quotes_at_end = quotes_so_far[is_newline]
    quotes_before = np.concatenate(([0], quotes_at_end[:-1]))
    is_inside = ((quotes_so_far - quotes_before[line_of]) & 1).astype(bool)
    is_field_end = (symbols == mark) & ~is_inside
    n_lines = quotes_at_end.size
    delimiters = np.bincount(line_of[is_field_end], minlength=n_lines)
    irregular = delimiters != width - 1
    irregular |= ((quotes_at_end - quotes_before) & 1).astype(bool)
    opening, closing = places[is_quote & is_inside], places[is_quote & ~is_inside]
    before = codes[np.maximum(opening - 1, 0)]
    opens_well = (opening == 0) | np.isin(before, [mark, _NEWLINE, _QUOTE])
    closes_well = np.isin(codes[closing + 1], [mark, _NEWLINE, _RETURN, _QUOTE])
    irregular[line_of[is_quote & is_inside][~opens_well]] = True
    irregular[line_of[is_quote & ~is_inside][~closes_well]] = True
    if width == 1:
        irregular |= _short_lines(codes)
    return np.flatnonzero(irregular)
