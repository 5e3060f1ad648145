"""A document that holds every noun and every awkward value; all of it invented."""

import io
from datetime import date, timedelta

from matplotlib import font_manager, rc_context
from matplotlib.figure import Figure as Canvas

from pipeline.report import palette
from pipeline.report.charts import Bar, Lane, Line, Moment, timeline
from pipeline.report.document import (
    Bullets,
    Column,
    Detail,
    Document,
    Figure,
    Note,
    NotEnoughData,
    Paragraph,
    Row,
    Section,
    Suppressed,
    Table,
    Value,
)

HOSTILE = (
    "&<script>alert(1)</script>",
    "{{7*7}}",
    "=1+1",
    "-2+3",
    "@SUM(A1)",
    "#emph[typst] *markup* $x$ <label>",
    "Krankenhausinfektionsüberwachungsverordnungsbeauftragter",
    "emoji 🦠 and 漢字",
    "\" onmouseover='alert(1)'",
    "</style></script><b>bold</b>",
)

_RATES = (
    ("Immunocompetent", 1, 368, 0.3, 0.0, 1.5, "below 0.5", "inconclusive", "warn"),
    ("HIV infection", 12, 226, 5.3, 2.8, 9.1, "5–7", "consistent", "good"),
    ("AIDS, prolonged therapy", 26, 56, 46.4, 33.0, 60.3, "about 10", "above", "act"),
    ("Immunocompromised", 1, 152, 0.7, 0.0, 3.6, "about 5", "below", ""),
    (
        "Bone-marrow transplant",
        4,
        28,
        14.3,
        4.0,
        32.7,
        "at most 30",
        "consistent",
        "good",
    ),
)


def minimal_svg() -> str:
    """A flow diagram drawn by hand: attributes, an id, a reference, a script to drop."""
    box = 'rx="3" fill="#fff" stroke="#7a8c9a"'
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 150" width="640" '
        'height="150" font-family="IBM Plex Sans"><script>alert(1)</script>'
        '<defs><path id="tip" d="M -4 -7 L 0 0 L 4 -7 z" fill="#7a8c9a"/></defs>'
        f'<rect x="2" y="4" width="330" height="46" {box}/>'
        f'<rect x="2" y="96" width="330" height="46" {box}/>'
        '<path d="M 167 50 V 94" stroke="#7a8c9a" fill="none"/>'
        '<use href="#tip" x="167" y="96"/><use href="https://example.org/x#y"/>'
        '<text x="14" y="23" font-size="12" fill="#16222c">Courses built</text>'
        '<text x="14" y="41" font-size="12" font-weight="700" fill="#16222c">n = 1,204'
        '</text><text x="14" y="115" font-size="12" fill="#16222c" onclick="alert(1)">'
        'Evaluable</text><text x="14" y="133" font-size="12" font-weight="700" '
        'fill="#16222c">n = 831</text></svg>'
    )


def drawn_svg() -> str:
    """A forest plot by matplotlib in the palette's colours."""
    for font in palette.font_files():
        font_manager.fontManager.addfont(font)
    settings = {
        "svg.fonttype": "none",
        "svg.hashsalt": "forest",
        "font.family": [palette.FAMILY],
        "font.size": 8.5,
        "text.color": palette.INK,
        "xtick.color": palette.LINE,
        "xtick.labelcolor": palette.INK,
        "ytick.labelcolor": palette.INK,
        "axes.edgecolor": palette.LINE,
        "axes.labelcolor": palette.INK,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
    }
    with rc_context(settings):
        canvas = Canvas(figsize=(7, 2.7), layout="constrained")
        axes = canvas.subplots()
        for place, (_, k, n, rate, low, high, _, verdict, _) in enumerate(_RATES):
            colour = palette.COLOURS[verdict]
            axes.barh(place, 5, left=4 + place, height=0.6, color=palette.BAND)
            axes.plot([low, high], [place, place], color=colour, lw=1.6)
            axes.plot(
                rate, place, marker=palette.MARKERS[verdict], color=colour, ms=7,
                mec=palette.PAPER, clip_on=False,
            )  # fmt: skip
            axes.annotate(
                f"{k}/{n} = {rate}%", (1.01, place), xycoords=("axes fraction", "data"),
                va="center",
            )  # fmt: skip
        axes.set_yticks(range(len(_RATES)), [row[0] for row in _RATES])
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.set_xlim(0, 65)
        axes.set_xlabel("Resistant, % of evaluable patients (95% CI)")
        axes.grid(axis="x", color=palette.GRID, lw=0.6)
        axes.set_axisbelow(True)
        drawing = io.StringIO()
        metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        canvas.savefig(drawing, format="svg", metadata=metadata)
    return drawing.getvalue()


def rates_table() -> Table:
    """Five populations, one with too few patients, one withheld."""
    columns = (
        Column("Population", width=2),
        Column("Resistant", "integer"),
        Column("Evaluable", "integer"),
        Column("Observed", "percent", "% (95% CI)"),
        Column("Published", "text", "%"),
        Column("Verdict", "label"),
    )
    rows = [
        Row(
            (
                Value(name, link="where" if name.startswith("Bone") else ""),
                Value(str(k), k),
                Value(str(n), n),
                Value(f"{rate} ({low}–{high})", rate),
                Value(band),
                Value(verdict, emphasis=emphasis),
            )
        )
        for name, k, n, rate, low, high, band, verdict, emphasis in _RATES
    ]
    thin = NotEnoughData("2 evaluable, 5 needed")
    rows.append(
        Row(
            (
                Value("Neonates"), Value("0", 0), Value("2", 2), thin,
                Value("none"), Value("not enough data", emphasis="muted"),
            )
        )
    )  # fmt: skip
    rows.append(
        Row(
            (
                Value("Keratitis"), Suppressed(), Value("94", 94), Suppressed(),
                Value("none"), Suppressed("not evaluable"),
            )
        )
    )  # fmt: skip
    return Table(
        "rates",
        "Resistance by population against what is published",
        columns,
        tuple(rows),
        "No population has an evaluable patient.",
        note="Exact (Clopper–Pearson) intervals. A baseline is not a target.",
    )


def timeline_of(i: int, label: str) -> Detail:
    """A course's picture: two drugs, visits, specimens, its labels hostile at first."""
    statuses = (("new lesions", "wedge"), ("unchanged", "diamond"), ("healed", "ring"))
    visits = tuple(
        Moment(3 * n + i % 5, words, shape, palette.ABOVE, is_bold=n == 2)
        for n, (words, shape) in enumerate(statuses * 2)
    )
    lanes = (
        Lane("acyclovir", bars=(Bar(0, 6 + i % 9),)),
        Lane("foscarnet", bars=(Bar(9, 20 + i % 40, palette.BELOW),)),
        Lane("Visits", dots=visits),
        Lane(label, dots=(Moment(i % 30, label), Moment(i % 30, "culture positive"))),
    )
    lines = (Line(8, "flagged"), Line(20 + i % 60, "as of"))
    alt = (
        f"Day 0 is 2026-06-01, as of 2026-06-30. Therapy, by day: 0 to {6 + i % 9} "
        f"acyclovir. Visits, by day: 3 new lesions, 6 unchanged. {label}"
    )
    svg = timeline(lanes, (7, 10), -7, lines)
    return Detail(f"Timeline of P-{26000 + i}", alt, svg)


def line_list(n_rows: int = 300, printed_rows: int | None = None) -> Table:
    """A wide interactive list; its first rows hold the awkward values."""
    steps = (
        "Send a swab for susceptibility testing",
        "Ask the laboratory for the overdue result",
        "Change therapy: resistance is confirmed",
        "Review dose and adherence with the patient",
    )
    groups = ("HIV infection", "Bone-marrow transplant", "Immunocompetent", "Unknown")
    names = ("", "act", "warn", "")
    rows = []
    for i in range(n_rows):
        day = date(2026, 6, 1) - timedelta(days=(i * 37) % 300)
        odd = HOSTILE[i] if i < len(HOSTILE) else f"H{i % 40 + 1:02d}"
        rows.append(
            Row(
                (
                    Value(f"P-{26000 + i}"),
                    Value(odd),
                    Value(day.isoformat()),
                    Value((day + timedelta(days=10)).isoformat()),
                    Value("acyclovir, then valacyclovir" if i % 3 else "acyclovir"),
                    Value(groups[i % 4]),
                    Value(("orolabial", "genital", "mucocutaneous")[i % 3]),
                    Value(("persisting", "progressing")[i % 2]),
                    Value(str((i * 7) % 90), (i * 7) % 90),
                    Value(
                        ("Suspected resistance", "Confirmed", "Tested susceptible")[
                            i % 3
                        ],
                        emphasis=("warn", "act", "muted")[i % 3],
                    ),
                    Value(steps[i % 4], sort=i % 4),
                    Value("new" if i % 9 == 0 else "", emphasis="good" * (i % 9 == 0)),
                ),
                group=groups[i % 4],
                emphasis=names[i % 4] if i < 8 else "",
                detail=timeline_of(i, odd),
            )
        )
    columns = (
        Column("Patient"),
        Column("Site"),
        Column("Start", "date"),
        Column("Flagged", "date"),
        Column("Drugs", width=1.2),
        Column("Risk group", width=1.2),
        Column("Syndrome"),
        Column("Status"),
        Column("Open", "integer", "days"),
        Column("Class", "label"),
        Column("Next step", width=2),
        Column("New", "label"),
    )
    return Table(
        "line_list",
        "Failures of therapy that call for something, most urgent first",
        columns,
        tuple(rows),
        "No failure is open.",
        interactive=True,
        group_title="Risk group",
        landscape=True,
        printed_rows=printed_rows,
        file="line_list.csv",
    )


def sites_table(n_sites: int = 40) -> Table:
    """A table of sites, long enough to turn a page."""
    columns = (
        Column("Site", width=1),
        Column("Cases", "integer"),
        Column("Evaluable", "integer"),
        Column("Observed / expected", "number"),
        Column("Finding", "label"),
    )
    rows = tuple(
        Row(
            (
                Value(f"H{i + 1:02d}"),
                Value(str(i % 9), i % 9),
                Value(f"{20 + i * 3:,}", 20 + i * 3),
                Value(f"{(i % 9) / 4:.2f}", (i % 9) / 4),
                Value("review" if i % 9 == 8 else "", emphasis="warn" * (i % 9 == 8)),
            )
        )
        for i in range(n_sites)
    )
    return Table("sites", "Cases by site", columns, rows, "No site.")


def document(n_rows: int = 300, printed_rows: int | None = None) -> Document:
    """The whole report."""
    columns = (Column("Alarm"), Column("Month", "date"), Column("Cases", "integer"))
    nothing = Table(
        "alarms", "Alarms of the charts", columns, (), "No chart has alarmed."
    )
    numbers = rates_table()
    return Document(
        title="Herpes that no longer responds to acyclovir",
        subtitle="Population surveillance of acyclovir resistance, invented data",
        period="1 July 2025 to 30 June 2026",
        as_of="2026-06-30",
        run="2026-06-30-3f9a1c0b7d2e",
        audience="team",
        messages=(
            Note(
                "act",
                "AIDS, prolonged therapy: resistance is above what is published",
                "26 of 56 evaluable patients, 46.4%, 95% CI 33.0–60.3; published about "
                "10%. Eight failures have had no test: send swabs first.",
            ),
            Note(
                "warn",
                "Four failures wait for a laboratory result for more than 14 days",
                "Ask the laboratory; two of them are transplant recipients.",
            ),
            Note(
                "info",
                "Nothing else has changed since the last run",
                "5 courses matured.",
            ),
        ),
        sections=(
            Section(
                "resistance",
                "Is resistance above what is published?",
                (
                    Paragraph(
                        "HIV: 12 of 226 evaluable patients, 5.3%, 95% CI 2.8–9.1; published "
                        "5–7%: consistent, a doubling is excluded. " + HOSTILE[0]
                    ),
                    numbers,
                    Figure(
                        "forest",
                        "Only AIDS with prolonged therapy lies clear of its band",
                        "Forest plot. AIDS 46.4% lies above its band of about 10%; the four "
                        "other populations overlap theirs.",
                        drawn_svg(),
                        numbers,
                    ),
                ),
            ),
            Section(
                "bounds",
                "What bounds the answer",
                (
                    NotEnoughData(
                        "Turnaround: 3 results have both dates, 5 are needed."
                    ),
                    Bullets(
                        (
                            "61% of failures were tested.",
                            "2 sites are silent.",
                            "{{7*7}}",
                        )
                    ),
                    Note("warn", "Under-tested", "A floor cannot rule an excess out."),
                    Note(
                        "info",
                        "Reading the verdicts",
                        "≤ 30% means at most 30% → see Methods.",
                    ),
                ),
                level=2,
            ),
            Section(
                "now",
                "Who needs something done now?",
                (Paragraph("The most urgent stand first; what is new is marked."),),
            ),
            Section("lines", "Line list", (line_list(n_rows, printed_rows),), level=2),
            Section(
                "changing",
                "Is anything changing?",
                (nothing, Bullets(("First measure.", "Then compare."), numbered=True)),
            ),
            Section("where", "Where?", (sites_table(),)),
            Section(
                "trust",
                "Can these numbers be trusted?",
                (
                    Figure(
                        "flow",
                        "Of 1,204 courses built, 831 can be judged",
                        "Flow from 1,204 courses built to 831 evaluable.",
                        minimal_svg(),
                        Table(
                            "flow_numbers",
                            "Courses at each step",
                            (Column("Step"), Column("Courses", "integer")),
                            (
                                Row((Value("Built"), Value("1,204", 1204))),
                                Row((Value("Evaluable"), Value("831", 831))),
                            ),
                            "No course.",
                        ),
                    ),
                ),
            ),
        ),
        footer="Surveillance of a population. It advises; it does not diagnose or decide "
        "the treatment of a patient.",
        metadata={"version": "0.1.0", "quote": '"&<'},
    )
