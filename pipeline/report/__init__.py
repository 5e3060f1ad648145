"""The report: a frozen document value, its wording, its figures and its two renderings."""
