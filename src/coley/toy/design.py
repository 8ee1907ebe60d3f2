"""The design of a simulated study: its arms, its patients, its truth. Every default has its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from coley.model.errors import InvalidSetting

DOSED_BY = ("dose", "kg", "m2")
REGIMENS = ("pd1", "pd1_ctla4", "placebo")  # columns of resources/irae.csv


@dataclass(frozen=True, slots=True)
class Drug:
    """One drug and how it is given.

    Attributes
    ----------
    name
        Generic name.
    amount, per
        Dose in mg, per "dose" (flat), "kg" or "m2".
    every_days, cycles
        Interval, and the largest number of doses.
    """

    name: str
    amount: float
    per: str = "dose"
    every_days: int = 21
    cycles: int = 35


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm: what is given, and what it does to the tumour and to the patient.

    Attributes
    ----------
    name, treatment, treatment_class, drugs
        As the tables will say.
    weight
        Patients allotted to this arm in each block of randomisation.
    immune
        Whether the effect runs through the immune system: then cancer type, HLA loss and STK11 count.
    sensitive
        Share of tumours controlled in the reference patient (NSCLC, TMB 7 per Mb, average immune tone).
    tmb_log_odds, tone_log_odds
        What one doubling of TMB + 1, and one standard deviation of immune tone, add to the log-odds.
    cured
        Share of controlled tumours that never escape, at average immune tone.
    delay_months, kill_per_month, escape_months
        Medians over patients: until the effect begins, of the shrinkage rate (of diameters) thereafter,
        and from then to the rise of a resistant clone.
    slowing
        Share by which growth is slowed in tumours that are not controlled.
    irae
        Column of the table of immune-related events: "pd1", "pd1_ctla4" or "placebo".
    """

    name: str
    treatment: str
    treatment_class: str
    drugs: tuple[Drug, ...]
    weight: int = 1
    immune: bool = False
    sensitive: float = 0.3
    tmb_log_odds: float = 0.0
    tone_log_odds: float = 0.0
    cured: float = 0.0
    delay_months: float = 0.2
    kill_per_month: float = 0.2
    escape_months: float = 4.0
    slowing: float = 0.2
    irae: str = "placebo"


ICI = Arm(
    name="ICI",
    treatment="nivolumab",
    treatment_class="PD1",
    drugs=(Drug("nivolumab", 240, "dose", 14, 52),),  # label: 240 mg every 2 weeks, at most 2 years
    immune=True,
    sensitive=0.44,  # gives response in 25 to 30 %
    tmb_log_odds=0.7,  # odds ratio 2 for each doubling: the one truly predictive marker
    tone_log_odds=0.8,
    cured=0.48,  # gives the plateau near 20 % at three years and later
    delay_months=1.2,  # with the slow decline of burden, curves separate after three to six months
    kill_per_month=0.35,
    escape_months=5.0,  # and the scan shows it a median of about 15 months after the start
    slowing=0.05,
    irae="pd1",
)
CHEMOTHERAPY = Arm(
    name="chemotherapy",
    treatment="docetaxel",
    treatment_class="control",
    drugs=(Drug("docetaxel", 75, "m2", 21, 12),),
    sensitive=0.26,  # gives response in about 17 %
    cured=0.02,
    delay_months=0.2,  # works at once
    kill_per_month=0.20,
    escape_months=2.5,
    slowing=0.3,
    irae="placebo",
)
COMBINATION = replace(
    ICI,
    name="ICI combination",
    treatment="nivolumab + ipilimumab",
    treatment_class="PD1+CTLA4",
    drugs=(Drug("nivolumab", 3, "kg", 14, 52), Drug("ipilimumab", 1, "kg", 42, 18)),
    sensitive=0.55,
    irae="pd1_ctla4",
)

CANCERS = ("NSCLC", "melanoma", "urothelial", "head and neck")


@dataclass(frozen=True, slots=True)
class Design:
    """A simulated study; all defaults together give a plausible trial of an ICI against docetaxel.

    Attributes
    ----------
    arms
        One arm (a single-arm study) or more (randomised in permuted blocks).
    cancer_shares, cancer_log_odds
        Of the types in `CANCERS`: share of patients, and what each adds to the log-odds of control by
        an immune arm (melanoma responds more often, head and neck cancer less).
    panel_megabases
        Megabases sequenced; a targeted panel, so TMB is a count divided by this.
    growth_per_month
        Median growth rate of untreated diameters; 20 % growth in under two months.
    cancer_hazard
        Monthly hazard of death of cancer of the reference patient at the burden of day 0.
    albumin_log_hazard, nlr_log_hazard, liver_log_hazard, ecog_log_hazard, burden_log_hazard
        Conditional log-hazard ratios of death of cancer, given the course of the tumour: per g/dL, per
        unit of log NLR, for liver metastases, per ECOG point, per unit of log sum of diameters. They
        are the same in every arm: purely prognostic. Platelets have no effect at all.
    new_lesion_hazard
        Monthly hazard of a new lesion while the burden of day 0 grows.
    irae_scale
        Multiplies the incidence of every immune-related event.
    irae_tone_log_odds
        What one standard deviation of immune tone adds to the log-odds of an immune-related event: the
        patients who respond are those who are hurt.
    scan_weeks, accrual_months, follow_up_months, dropout_per_month
        Interval of scans; uniform accrual; time from the last patient in to data cut-off; monthly hazard
        of loss to follow-up.
    """

    arms: tuple[Arm, ...] = (ICI, CHEMOTHERAPY)
    cancer_shares: tuple[float, ...] = (0.55, 0.2, 0.15, 0.1)
    cancer_log_odds: tuple[float, ...] = (0.0, 0.8, -0.2, -0.6)
    panel_megabases: float = 1.2
    growth_per_month: float = 0.10
    cancer_hazard: float = 0.037
    albumin_log_hazard: float = -0.5
    nlr_log_hazard: float = 0.35
    liver_log_hazard: float = 0.4
    ecog_log_hazard: float = 0.3
    burden_log_hazard: float = 0.4
    new_lesion_hazard: float = 0.04
    irae_scale: float = 1.0
    irae_tone_log_odds: float = 0.5
    scan_weeks: int = 8
    accrual_months: float = 18.0
    follow_up_months: float = 36.0
    dropout_per_month: float = 0.004

    def __post_init__(self) -> None:
        for check, message in _CHECKS:
            if not check(self):
                raise InvalidSetting(f"This design cannot be simulated: {message}.", where="Design")

    @property
    def randomised(self) -> bool:
        """Whether there is more than one arm."""
        return len(self.arms) > 1

    @property
    def control_arm(self) -> str:
        """Name of the control arm; empty where there is none."""
        return next((arm.name for arm in self.arms if arm.treatment_class == "control"), "")

    @property
    def last_month(self) -> float:
        """Months from the first patient in to data cut-off."""
        return self.accrual_months + self.follow_up_months


def single_arm(arm: Arm = ICI) -> Design:
    """Return the default design with one arm and no control.

    Examples
    --------
    >>> single_arm().randomised
    False
    """
    return Design(arms=(arm,))


def null_effect() -> Design:
    """Return a design whose two arms do the same: every treatment effect is null.

    Examples
    --------
    >>> len({arm.sensitive for arm in null_effect().arms})
    1
    """
    twin = replace(CHEMOTHERAPY, name="ICI", treatment="nivolumab", treatment_class="PD1", drugs=ICI.drugs)
    return Design(arms=(twin, CHEMOTHERAPY))


def _arms_are_sound(design: Design) -> bool:
    return all(
        arm.weight >= 1
        and 0 < arm.sensitive < 1
        and 0 <= arm.cured < 1
        and arm.delay_months > 0
        and arm.kill_per_month > 0
        and arm.escape_months > 0
        and 0 <= arm.slowing < 1
        and arm.irae in REGIMENS
        and bool(arm.drugs)
        and all(drug.per in DOSED_BY and drug.cycles >= 1 for drug in arm.drugs)
        for arm in design.arms
    )


_CHECKS: tuple[tuple[Callable[[Design], bool], str], ...] = (
    (lambda d: len(d.arms) >= 1, "it has no arm"),
    (lambda d: len({arm.name for arm in d.arms}) == len(d.arms), "two arms bear one name"),
    (
        _arms_are_sound,
        "in every arm the weight is at least 1, 0 < sensitive < 1, 0 <= cured < 1, 0 <= slowing < 1, delay, "
        f"kill and escape are positive, irae is one of {', '.join(REGIMENS)}, and a drug is given",
    ),
    (lambda d: len(d.cancer_shares) == len(CANCERS), f"cancer_shares needs {len(CANCERS)} numbers"),
    (lambda d: len(d.cancer_log_odds) == len(CANCERS), f"cancer_log_odds needs {len(CANCERS)} numbers"),
    (lambda d: min(d.cancer_shares) >= 0 and sum(d.cancer_shares) > 0, "cancer_shares must be shares"),
    (lambda d: d.panel_megabases > 0, "panel_megabases must be positive"),
    (
        lambda d: d.growth_per_month > 0 and d.cancer_hazard > 0,
        "growth and hazard of cancer must be positive",
    ),
    (lambda d: d.new_lesion_hazard >= 0 and d.dropout_per_month >= 0, "a hazard cannot be negative"),
    (lambda d: d.irae_scale >= 0, "irae_scale cannot be negative"),
    (
        lambda d: 6 <= d.scan_weeks <= 26,
        "scan_weeks must lie between 6 and 26 (stable disease needs 6 weeks)",
    ),
    (lambda d: d.accrual_months >= 0, "accrual_months cannot be negative"),
    (lambda d: 6 <= d.follow_up_months <= 240, "follow_up_months must lie between 6 and 240"),
)
