"""Where the shipped sql, seeds and report templates lie: beside the package, or inside it."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_SHIPPED = _PACKAGE / "_data"


def path(*parts: str) -> Path:
    """The path of a shipped file or folder, such as ``path("seeds", "drugs.csv")``.

    In a wheel they lie in ``pipeline/_data``, in a checkout beside ``pipeline``.
    Raises FileNotFoundError where neither holds it: the installation is damaged.
    """
    root = _SHIPPED if _SHIPPED.is_dir() else _PACKAGE.parent
    found = root.joinpath(*parts)
    if not found.exists():
        raise FileNotFoundError(f"{'/'.join(parts)} is not part of this installation")
    return found
