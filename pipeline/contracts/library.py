"""pandera, imported without what it does where PySpark is installed too.

It would import PySpark's own pandas, which warns of ours, and bind Spark to this machine.
"""

import os
import sys

_SET_BY_PANDERA = ("SPARK_LOCAL_IP", "PYARROW_IGNORE_TIMEZONE")


def import_pandera() -> None:
    """Import pandera.pandas; the environment is left as it was found."""
    if "pandera.pandas" in sys.modules:
        return
    before = {name: os.environ.get(name) for name in _SET_BY_PANDERA}
    hidden = sys.modules.setdefault("pyspark.pandas", None)
    try:
        import pandera.pandas  # noqa: F401
    finally:
        if hidden is None:
            del sys.modules["pyspark.pandas"]
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
