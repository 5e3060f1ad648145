"""The print styles that set a page's tables on A4, each column as wide as its words ask.

Knows tables and CSS; knows nothing of markup or wording. A browser would set a table that
is wider than the paper beyond its edge, where nobody finds it.
"""

from dataclasses import dataclass, field

from pipeline.report.columns import printed_size, widths
from pipeline.report.document import Table

LARGEST = 8.5
"""Points of a table's type."""

PADDING = 0.4
"""Em on either side of a cell, as `style.css` has it."""

_PORTRAIT, _LANDSCAPE = 182 * 72 / 25.4, 273 * 72 / 25.4
"""Points of a line within the margins of `style.css`."""


@dataclass
class Paper:
    """The rules of a page's printed tables, each once, under short names of classes."""

    rules: dict[str, str] = field(default_factory=dict)

    def set(self, table: Table, *, is_turned: bool) -> tuple[str, list[str]]:
        """The class of a table and those of its columns, for a page that may be turned."""
        line = _LANDSCAPE if is_turned else _PORTRAIT
        size = printed_size(table, LARGEST)
        found = widths(table, line / size, 2 * PADDING)
        whole = sum(found.shares)
        columns = [self._named("w", share / whole) for share in found.shares]
        name = f"t{round(1000 * whole)}-{round(100 * size * found.scale)}"
        self.rules[name] = (
            f"width:{100 * whole:.1f}%;font-size:{size * found.scale:.2f}pt"
        )
        return name, columns

    def _named(self, kind: str, share: float) -> str:
        name = f"{kind}{round(1000 * share)}"
        self.rules[name] = f"width:{100 * share:.1f}%"
        return name

    def sheet(self) -> str:
        """The rules as they stand in the styles of the page, for print alone."""
        rules = "".join(
            f".{name}{{{rule}}}" for name, rule in sorted(self.rules.items())
        )
        return f"@media print{{{rules}}}"
