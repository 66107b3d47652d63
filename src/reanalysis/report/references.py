"""Works that the methods rest on. The report lists those that the run at hand has used."""

from __future__ import annotations

REVIEW = (
    "di Giacomo E, et al. (2024). The interplay between borderline personality disorder and oxytocin: a systematic "
    "narrative review on possible contribution and treatment options. Frontiers in Psychiatry 15, 1439615."
)
REVIEW_DOI = "10.3389/fpsyt.2024.1439615"

WORKS = {
    "borenstein2009": (
        "Borenstein M, Hedges LV, Higgins JPT, Rothstein HR (2009). Introduction to Meta-Analysis. Wiley."
    ),
    "campbell2020": (
        "Campbell M, et al. (2020). Synthesis without meta-analysis (SWiM) in systematic reviews: reporting "
        "guideline. BMJ 368, l6890."
    ),
    "clopper1934": (
        "Clopper CJ, Pearson ES (1934). The use of confidence or fiducial limits illustrated in the case of the "
        "binomial. Biometrika 26, 404–413."
    ),
    "dersimonian1986": (
        "DerSimonian R, Laird N (1986). Meta-analysis in clinical trials. Controlled Clinical Trials 7, 177–188."
    ),
    "fisher1921": (
        "Fisher RA (1921). On the “probable error” of a coefficient of correlation deduced from a small sample. "
        "Metron 1, 3–32."
    ),
    "gibbons1993": (
        "Gibbons RD, Hedeker DR, Davis JM (1993). Estimation of effect size from a series of experiments "
        "involving paired comparisons. Journal of Educational Statistics 18, 271–279."
    ),
    "handbook": (
        "Higgins JPT, et al. (editors). Cochrane Handbook for Systematic Reviews of Interventions, version 6, "
        "chapter 6."
    ),
    "hardy1996": (
        "Hardy RJ, Thompson SG (1996). A likelihood approach to meta-analysis with random effects. Statistics in "
        "Medicine 15, 619–629."
    ),
    "hasselblad1995": (
        "Hasselblad V, Hedges LV (1995). Meta-analysis of screening and diagnostic tests. Psychological Bulletin "
        "117, 167–178."
    ),
    "hedges1981": (
        "Hedges LV (1981). Distribution theory for Glass’s estimator of effect size and related estimators. "
        "Journal of Educational Statistics 6, 107–128."
    ),
    "hedges1982": (
        "Hedges LV (1982). Estimation of effect size from a series of independent experiments. Psychological "
        "Bulletin 92, 490–499."
    ),
    "hedges1983": ("Hedges LV (1983). A random effects model for effect sizes. Psychological Bulletin 93, 388–395."),
    "higgins2002": (
        "Higgins JPT, Thompson SG (2002). Quantifying heterogeneity in a meta-analysis. Statistics in Medicine "
        "21, 1539–1558."
    ),
    "higgins2009": (
        "Higgins JPT, Thompson SG, Spiegelhalter DJ (2009). A re-evaluation of random-effects meta-analysis. "
        "Journal of the Royal Statistical Society A 172, 137–159."
    ),
    "hunter2004": ("Hunter JE, Schmidt FL (2004). Methods of Meta-Analysis. Sage."),
    "knapp2003": (
        "Knapp G, Hartung J (2003). Improved tests for a random effects meta-regression with a single covariate. "
        "Statistics in Medicine 22, 2693–2710."
    ),
    "luo2018": (
        "Luo D, Wan X, Liu J, Tong T (2018). Optimally estimating the sample mean from the sample size, median, "
        "mid-range, and/or mid-quartile range. Statistical Methods in Medical Research 27, 1785–1805."
    ),
    "metansue2019": (
        "Albajes-Eizagirre A, Solanes A, Radua J (2019). Meta-analysis of non-statistically significant "
        "unreported effects. Statistical Methods in Medical Research 28, 3741–3754."
    ),
    "morris1983": (
        "Morris CN (1983). Parametric empirical Bayes inference: theory and applications. Journal of the American"
        " Statistical Association 78, 47–55."
    ),
    "page2021": (
        "Page MJ, et al. (2021). The PRISMA 2020 statement: an updated guideline for reporting systematic "
        "reviews. BMJ 372, n71."
    ),
    "paule1982": (
        "Paule RC, Mandel J (1982). Consensus values and weighting factors. Journal of Research of the National "
        "Bureau of Standards 87, 377–385."
    ),
    "rover2015": (
        "Röver C, Knapp G, Friede T (2015). Hartung-Knapp-Sidik-Jonkman approach and its modification for random-"
        "effects meta-analysis with few studies. BMC Medical Research Methodology 15, 99."
    ),
    "rover2020": (
        "Röver C (2020). Bayesian random-effects meta-analysis using the bayesmeta R package. Journal of "
        "Statistical Software 93(6)."
    ),
    "shi2020": (
        "Shi J, Luo D, Weng H, et al. (2020). Optimally estimating the sample standard deviation from the five-"
        "number summary. Research Synthesis Methods 11, 641–654."
    ),
    "sidik2005": (
        "Sidik K, Jonkman JN (2005). Simple heterogeneity variance estimation for meta-analysis. Journal of the "
        "Royal Statistical Society C 54, 367–384."
    ),
    "viechtbauer2005": (
        "Viechtbauer W (2005). Bias and efficiency of meta-analytic variance estimators in the random-effects "
        "model. Journal of Educational and Behavioral Statistics 30, 261–293."
    ),
    "viechtbauer2007": (
        "Viechtbauer W (2007). Confidence intervals for the amount of heterogeneity in meta-analysis. Statistics "
        "in Medicine 26, 37–52."
    ),
    "viechtbauer2010": (
        "Viechtbauer W (2010). Conducting meta-analyses in R with the metafor package. Journal of Statistical "
        "Software 36(3)."
    ),
    "wan2014": (
        "Wan X, Wang W, Liu J, Tong T (2014). Estimating the sample mean and standard deviation from the sample "
        "size, median, range and/or interquartile range. BMC Medical Research Methodology 14, 135."
    ),
}

ESTIMATORS = {
    "DL": ("DerSimonian and Laird’s moment estimator", "dersimonian1986"),
    "PM": ("Paule and Mandel’s estimator", "paule1982"),
    "HE": ("Hedges’ moment estimator", "hedges1983"),
    "HS": ("Hunter and Schmidt’s estimator", "hunter2004"),
    "SJ": ("Sidik and Jonkman’s estimator", "sidik2005"),
    "ML": ("maximum likelihood", "hardy1996"),
    "REML": ("restricted maximum likelihood", "viechtbauer2005"),
    "EB": ("the empirical Bayes estimator", "morris1983"),
}
TESTS = {
    "z": ("Wald intervals from the normal distribution", None),
    "t": ("Wald intervals from Student’s t", None),
    "knha": ("Knapp-Hartung intervals", "knapp2003"),
    "adhoc": ("Knapp-Hartung intervals never narrower than Wald’s", "rover2015"),
}
