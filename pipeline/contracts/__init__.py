"""The contracts of the extracts and what makes SQL of them; opens no file.

``schemas`` states them with pandera, ``compiler`` turns one into the predicates of a
single scan, ``kinds`` says what text counts as a date or a number. pandera is imported
by the first call that needs it, never on import: it costs more than a second.
"""
