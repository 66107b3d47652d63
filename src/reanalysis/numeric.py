"""Distribution helpers, thin over scipy.special (scipy.stats is slow to import)."""

from scipy.special import ndtri, stdtr, stdtrit


def norm_ppf(p):
    """Quantile of the standard normal distribution."""
    return ndtri(p)


def t_cdf(t, df):
    """Distribution function of Student's t."""
    return stdtr(df, t)


def t_ppf(p, df):
    """Quantile of Student's t."""
    return stdtrit(df, p)
