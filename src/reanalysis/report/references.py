"""Works that the methods rest on. The report lists those that the run at hand has used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Work:
    """A work as the list of references gives it, with its DOI where it has one."""

    text: str
    doi: str | None = None


WORKS = {
    "bartos2021": Work(
        "Bartoš F, Gronau QF, Timmers B, Otte WM, Ly A, Wagenmakers E-J (2021). Bayesian model-averaged meta-analysis "
        "in medicine. Statistics in Medicine 40, 6743–6761.",
        "10.1002/sim.9170",
    ),
    "bonett2000": Work(
        "Bonett DG, Wright TA (2000). Sample size requirements for estimating Pearson, Kendall and Spearman "
        "correlations. Psychometrika 65, 23–28.",
        "10.1007/BF02294183",
    ),
    "borenstein2009": Work(
        "Borenstein M, Hedges LV, Higgins JPT, Rothstein HR (2009). Introduction to Meta-Analysis. Wiley.",
        "10.1002/9780470743386",
    ),
    "campbell2020": Work(
        "Campbell M, McKenzie JE, Sowden A, et al. (2020). Synthesis without meta-analysis (SWiM) in systematic "
        "reviews: reporting guideline. BMJ 368, l6890.",
        "10.1136/bmj.l6890",
    ),
    "clopper1934": Work(
        "Clopper CJ, Pearson ES (1934). The use of confidence or fiducial limits illustrated in the case of the "
        "binomial. Biometrika 26, 404–413.",
        "10.1093/biomet/26.4.404",
    ),
    "dersimonian1986": Work(
        "DerSimonian R, Laird N (1986). Meta-analysis in clinical trials. Controlled Clinical Trials 7, 177–188.",
        "10.1016/0197-2456(86)90046-2",
    ),
    "fisher1921": Work(
        "Fisher RA (1921). On the “probable error” of a coefficient of correlation deduced from a small sample. Metron "
        "1, 3–32.",
    ),
    "gibbons1993": Work(
        "Gibbons RD, Hedeker DR, Davis JM (1993). Estimation of effect size from a series of experiments involving "
        "paired comparisons. Journal of Educational Statistics 18, 271–279.",
        "10.3102/10769986018003271",
    ),
    "handbook": Work(
        "Higgins JPT, Li T, Deeks JJ (2023). Choosing effect measures and computing estimates of effect. In Higgins "
        "JPT, Thomas J, Chandler J, et al. (editors), Cochrane Handbook for Systematic Reviews of Interventions, "
        "version 6.4, chapter 6. Cochrane.",
    ),
    "hardy1996": Work(
        "Hardy RJ, Thompson SG (1996). A likelihood approach to meta-analysis with random effects. Statistics in "
        "Medicine 15, 619–629.",
        "10.1002/(SICI)1097-0258(19960330)15:6<619::AID-SIM188>3.0.CO;2-A",
    ),
    "hasselblad1995": Work(
        "Hasselblad V, Hedges LV (1995). Meta-analysis of screening and diagnostic tests. Psychological Bulletin 117, "
        "167–178.",
        "10.1037/0033-2909.117.1.167",
    ),
    "hedges1981": Work(
        "Hedges LV (1981). Distribution theory for Glass’s estimator of effect size and related estimators. Journal of "
        "Educational Statistics 6, 107–128.",
        "10.3102/10769986006002107",
    ),
    "hedges1982": Work(
        "Hedges LV (1982). Estimation of effect size from a series of independent experiments. Psychological Bulletin "
        "92, 490–499.",
        "10.1037/0033-2909.92.2.490",
    ),
    "hedges1983": Work(
        "Hedges LV (1983). A random effects model for effect sizes. Psychological Bulletin 93, 388–395.",
        "10.1037/0033-2909.93.2.388",
    ),
    "higgins2002": Work(
        "Higgins JPT, Thompson SG (2002). Quantifying heterogeneity in a meta-analysis. Statistics in Medicine 21, "
        "1539–1558.",
        "10.1002/sim.1186",
    ),
    "higgins2009": Work(
        "Higgins JPT, Thompson SG, Spiegelhalter DJ (2009). A re-evaluation of random-effects meta-analysis. Journal "
        "of the Royal Statistical Society A 172, 137–159.",
        "10.1111/j.1467-985X.2008.00552.x",
    ),
    "hunter2004": Work(
        "Hunter JE, Schmidt FL (2004). Methods of Meta-Analysis: Correcting Error and Bias in Research Findings, 2nd "
        "edition. Sage.",
    ),
    "knapp2003": Work(
        "Knapp G, Hartung J (2003). Improved tests for a random effects meta-regression with a single covariate. "
        "Statistics in Medicine 22, 2693–2710.",
        "10.1002/sim.1482",
    ),
    "luo2018": Work(
        "Luo D, Wan X, Liu J, Tong T (2018). Optimally estimating the sample mean from the sample size, median, "
        "mid-range, and/or mid-quartile range. Statistical Methods in Medical Research 27, 1785–1805.",
        "10.1177/0962280216669183",
    ),
    "metansue2019": Work(
        "Albajes-Eizagirre A, Solanes A, Radua J (2019). Meta-analysis of non-statistically significant unreported "
        "effects. Statistical Methods in Medical Research 28, 3741–3754.",
        "10.1177/0962280218811349",
    ),
    "morris1983": Work(
        "Morris CN (1983). Parametric empirical Bayes inference: theory and applications. Journal of the American "
        "Statistical Association 78, 47–55.",
        "10.2307/2287098",
    ),
    "olkin2012": Work(
        "Olkin I, Dahabreh IJ, Trikalinos TA (2012). GOSH – a graphical display of study heterogeneity. Research "
        "Synthesis Methods 3, 214–223.",
        "10.1002/jrsm.1053",
    ),
    "page2021": Work(
        "Page MJ, McKenzie JE, Bossuyt PM, et al. (2021). The PRISMA 2020 statement: an updated guideline for "
        "reporting systematic reviews. BMJ 372, n71.",
        "10.1136/bmj.n71",
    ),
    "paule1982": Work(
        "Paule RC, Mandel J (1982). Consensus values and weighting factors. Journal of Research of the National Bureau "
        "of Standards 87, 377–385.",
        "10.6028/jres.087.022",
    ),
    "peters2008": Work(
        "Peters JL, Sutton AJ, Jones DR, Abrams KR, Rushton L (2008). Contour-enhanced meta-analysis funnel plots "
        "help distinguish publication bias from other causes of asymmetry. Journal of Clinical Epidemiology 61, "
        "991–996.",
        "10.1016/j.jclinepi.2007.11.010",
    ),
    "pustejovsky2019": Work(
        "Pustejovsky JE, Rodgers MA (2019). Testing for funnel plot asymmetry of standardized mean differences. "
        "Research Synthesis Methods 10, 57–71.",
        "10.1002/jrsm.1332",
    ),
    "rover2015": Work(
        "Röver C, Knapp G, Friede T (2015). Hartung-Knapp-Sidik-Jonkman approach and its modification for "
        "random-effects meta-analysis with few studies. BMC Medical Research Methodology 15, 99.",
        "10.1186/s12874-015-0091-1",
    ),
    "rover2020": Work(
        "Röver C (2020). Bayesian random-effects meta-analysis using the bayesmeta R package. Journal of Statistical "
        "Software 93(6), 1–51.",
        "10.18637/jss.v093.i06",
    ),
    "shi2023": Work(
        "Shi J, Luo D, Wan X, et al. (2023). Detecting the skewness of data from the five-number summary and its "
        "application in meta-analysis. Statistical Methods in Medical Research 32, 1338–1360.",
        "10.1177/09622802231172043",
    ),
    "sidik2005": Work(
        "Sidik K, Jonkman JN (2005). Simple heterogeneity variance estimation for meta-analysis. Journal of the Royal "
        "Statistical Society C 54, 367–384.",
        "10.1111/j.1467-9876.2005.00489.x",
    ),
    "steegen2016": Work(
        "Steegen S, Tuerlinckx F, Gelman A, Vanpaemel W (2016). Increasing transparency through a multiverse "
        "analysis. Perspectives on Psychological Science 11, 702–712.",
        "10.1177/1745691616658637",
    ),
    "viechtbauer2005": Work(
        "Viechtbauer W (2005). Bias and efficiency of meta-analytic variance estimators in the random-effects model. "
        "Journal of Educational and Behavioral Statistics 30, 261–293.",
        "10.3102/10769986030003261",
    ),
    "viechtbauer2007": Work(
        "Viechtbauer W (2007). Confidence intervals for the amount of heterogeneity in meta-analysis. Statistics in "
        "Medicine 26, 37–52.",
        "10.1002/sim.2514",
    ),
    "viechtbauer2010": Work(
        "Viechtbauer W, Cheung MW-L (2010). Outlier and influence diagnostics for meta-analysis. Research "
        "Synthesis Methods 1, 112–125.",
        "10.1002/jrsm.11",
    ),
    "wan2014": Work(
        "Wan X, Wang W, Liu J, Tong T (2014). Estimating the sample mean and standard deviation from the sample size, "
        "median, range and/or interquartile range. BMC Medical Research Methodology 14, 135.",
        "10.1186/1471-2288-14-135",
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
