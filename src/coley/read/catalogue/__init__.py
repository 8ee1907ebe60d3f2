"""Published cohorts by name: what there is, and bringing one here whole."""

from coley.read.catalogue.fetch import fetch_cohort
from coley.read.catalogue.table import Cohort, CohortFile, cohort, list_cohorts

__all__ = ["Cohort", "CohortFile", "cohort", "fetch_cohort", "list_cohorts"]
