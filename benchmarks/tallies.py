"""How often something happened, with its exact interval and the test of a bound."""

from dataclasses import dataclass

from scipy import special

from pipeline.statistics.proportions import clopper_pearson


@dataclass(frozen=True)
class Tally:
    """``k`` of ``n``."""

    k: int
    n: int

    @property
    def share(self) -> float:
        """K / n."""
        return self.k / self.n

    def __str__(self) -> str:
        low, high = clopper_pearson(self.k, self.n)
        return (
            f"{self.k} of {self.n} ({self.share:.1%}; 95% interval {low:.1%} to "
            f"{high:.1%})"
        )


@dataclass(frozen=True)
class Alarms:
    """False alarms in so many months, beside the number that the run length states."""

    found: int
    stated: float
    months: int

    @property
    def p(self) -> float:
        """One-sided Poisson: the chance of so many or more at the stated rate."""
        return float(special.gammainc(self.found, self.stated)) if self.found else 1.0

    def __str__(self) -> str:
        low = special.gammaincinv(self.found, 0.025) if self.found else 0.0
        high = special.gammainccinv(self.found + 1, 0.025)
        return (
            f"{self.found} in {self.months:,} months; stated {self.stated:.1f} "
            f"(ratio {self.found / self.stated:.2f}, 95% interval "
            f"{low / self.stated:.2f} to {high / self.stated:.2f}; p = {self.p:.3f})"
        )
