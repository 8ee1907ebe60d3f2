"""From burdens of samples to one burden a patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.biology.burden.poisson import garwood
from coley.model.errors import MissingData

if TYPE_CHECKING:
    import polars as pl

    from coley.biology.burden.tmb import Burden


def per_patient(burden: Burden) -> pl.DataFrame:
    """Return one burden a patient: the mean of the samples, with the interval of their mean count.

    Samples of one patient share most of their mutations, so that their counts do not add up to more
    certainty: the interval is that of one sample with the mean count and the mean size.

    Parameters
    ----------
    burden
        Burdens of samples.

    Returns
    -------
    pl.DataFrame
        patient_id, samples (assayed), mutations, per_mb, low, high; null where no sample was assayed.

    Raises
    ------
    MissingData
        Where no sample has a patient.

    Examples
    --------
    >>> import polars as pl
    >>> from coley.biology.burden import tmb
    >>> mutations = pl.DataFrame({"sample_id": ["s1", "s1", "s2"], "gene": list("ABA"),
    ...     "protein_change": list("xyx"), "classification": ["missense"] * 3})
    >>> samples = pl.DataFrame({"sample_id": ["s1", "s2"], "patient_id": ["p", "p"]})
    >>> per_patient(tmb(mutations, samples, megabases=1.0))["per_mb"].to_list()
    [1.5]
    """
    import polars as pl

    table = burden.table.filter(pl.col("patient_id").is_not_null())
    if not table.height:
        raise MissingData("No sample has a patient.", remedy="Supply the column samples.patient_id.")
    counted = pl.col("mutations").is_not_null()
    means = (
        table.group_by("patient_id")
        .agg(
            counted.sum().cast(pl.Int64).alias("samples"),
            pl.col("mutations").mean(),
            pl.col("megabases").filter(counted).mean(),
        )
        .sort("patient_id")
    )
    k = means["mutations"].to_numpy()
    rate = garwood(k, means["megabases"].fill_null(1.0).to_numpy(), level=burden.level)
    return means.drop("megabases").with_columns(
        *(
            pl.Series(name, values, dtype=pl.Float64).fill_nan(None)
            for name, values in (("per_mb", rate.value), ("low", rate.low), ("high", rate.high))
        )
    )
