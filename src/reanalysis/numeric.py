"""Distribution functions the statistics need, thin over `scipy.special`.

`scipy.stats` offers the same but takes half a second to import. All functions broadcast. Degrees of freedom may be
`inf`: t with infinite degrees of freedom is the normal distribution, and F the chi-square divided by its own.
"""

import numpy as np
from scipy import special


def norm_cdf(x):
    """P(Z <= x) of the standard normal."""
    return special.ndtr(x)


def norm_pdf(x):
    """Density of the standard normal."""
    return np.exp(-0.5 * np.square(x)) / np.sqrt(2 * np.pi)


def norm_ppf(q):
    """Quantile of the standard normal."""
    return special.ndtri(q)


def norm_two_sided_p(z):
    """P(|Z| >= |z|)."""
    return 2 * special.ndtr(-np.abs(z))


def t_cdf(x, df):
    """P(T <= x) of Student's t."""
    return special.stdtr(df, x)


def t_ppf(q, df):
    """Quantile of Student's t."""
    return special.stdtrit(df, q)


def t_two_sided_p(t, df):
    """P(|T| >= |t|) of Student's t; `df = inf` gives the normal."""
    return 2 * special.stdtr(df, -np.abs(t))


def t_critical(level, df=np.inf):
    """Two-sided critical value: the t (df = inf: z) that a central interval of this `level` reaches to."""
    return special.stdtrit(df, 0.5 + level / 2)


def chi2_cdf(x, df):
    """P(X <= x) of the chi-square."""
    return special.chdtr(df, x)


def chi2_sf(x, df):
    """P(X >= x) of the chi-square; with zero degrees of freedom all mass is at zero."""
    return np.where(np.equal(df, 0), 1.0, special.chdtrc(df, x))[()]


def chi2_ppf(q, df):
    """Quantile of the chi-square."""
    return special.chdtri(df, 1 - np.asarray(q))


def f_sf(x, df1, df2):
    """P(F >= x); `df2 = inf` gives the chi-square tail of `df1 * x`."""
    return np.where(np.isinf(df2), special.chdtrc(df1, df1 * np.asarray(x)), special.fdtrc(df1, df2, x))[()]


def check_level(level: float) -> float:
    """Return the confidence `level` if it is a proportion in (0, 1); 95 instead of 0.95 is the usual slip."""
    if isinstance(level, str) or not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1 (0.95, not 95), got {level!r}")
    return float(level)


def peaks(x, value, slope):
    """Where a smooth function has its local maxima between nodes, from its value and slope at each of them.

    `x`, `value` and `slope` are (B, n), `x` rising. Between two nodes the function is taken to be the cubic with these
    values and slopes. Returns for each of the n - 1 intervals, as (B, n - 1), whether it holds a maximum, and where.
    """
    h = np.diff(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = np.diff(value) / h
        before, after = slope[:, :-1], slope[:, 1:]
        # the slope of the cubic is a u^2 + b u + before for u from 0 to 1; it falls through zero at one of the roots
        a, b = 3 * (before + after - 2 * rise), 6 * rise - 4 * before - 2 * after
        root = np.sqrt(b * b - 4 * a * before)
        u = np.where(b > 0, (-b - root) / (2 * a), 2 * before / (root - b))
    certain = (before > 0) & (after <= 0)
    found = (u > 0) & (u < 1)
    return certain | found, x[:, :-1] + h * np.where(found, u, 0.5)


def outer_limits(above, inside: float, nodes) -> tuple[float, float]:
    """The smallest interval from 0 on that holds every node, and `inside`, at which `above` is positive.

    The function falls below zero in the end; `nodes` rise from zero and are as close as its features ask for. The
    limits are exact crossings of zero, the lower one 0 if `above` is not negative there. Raises ValueError if there is
    no upper limit.
    """
    from scipy.optimize import brentq

    def crossing(start: float, points) -> float:
        """Between the last of `points` (coming from outside) where `above` is negative and what follows."""
        outside = points[0]
        for point in [*points[1:], start]:
            if point == start or above(point) > 0:
                return float(brentq(above, outside, point, xtol=1e-14 * scale, rtol=1e-13))
            outside = point
        return float(start)

    nodes = [float(node) for node in nodes]
    scale = nodes[-1]
    top = max(scale, 2 * inside)
    while above(top) > 0:
        top *= 2
        if top > 1e12 * scale:
            raise ValueError("the likelihood hardly depends on this variance: it has no upper limit")
    upper = crossing(inside, [top, *(node for node in reversed(nodes) if inside < node < top)])
    if inside == 0 or above(0.0) >= 0:
        return 0.0, upper
    return crossing(inside, [0.0, *(node for node in nodes if 0 < node < inside)]), upper
