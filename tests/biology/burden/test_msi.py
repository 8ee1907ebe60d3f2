import numpy as np
import polars as pl
import pytest

from coley.biology.burden import msi_from_score, msi_status
from coley.model.errors import UnreadableInput


def test_spellings():
    words = ["MSI-H", "MSI-High", "msi_h", "dMMR", "MMR-D", "Instable", True, 1]
    assert set(msi_status(words).status) == {True}
    words = ["MSS", "MSI-L", "pMMR", "Stable", "MSI-Low", False, 0, "MSS/MSI-L"]
    assert set(msi_status(words).status) == {False}
    assert set(msi_status(["Indeterminate", "", None, "NA", "Do not report"]).status) == {None}


def test_a_strange_word_is_named():
    with pytest.raises(UnreadableInput, match="not known") as caught:
        msi_status(["MSS", "3.7"])
    assert "3.7" in str(caught.value)


def test_few_unstable_tumours_raise_a_warning():
    assert msi_status(["MSI-H"] * 3 + ["MSS"] * 90).checks[0].level == "warn"
    assert "3 of 93" in msi_status(["MSI-H"] * 3 + ["MSS"] * 90).checks[0].message
    assert msi_status(["MSI-H"] * 12 + ["MSS"]).checks[0].level == "pass"


def test_scores():
    assert msi_from_score([9.99, 10.0, np.nan]).status == (False, True, None)
    assert msi_from_score([9.99], cut=5).status == (True,)
    with pytest.raises(UnreadableInput):
        msi_from_score([-1.0])


@pytest.mark.real
def test_the_cut_of_ten_gives_the_flag_of_chowell(shared):
    table = pl.read_csv(shared / "chowell2021" / "chowell_all.csv.gz")
    ours = msi_from_score(table["MSI_SCORE"].to_numpy())
    assert list(ours.status) == [bool(flag) for flag in table["MSI"]]
    assert list(msi_status(table["MSI"]).status) == list(ours.status)
    assert sum(s is True for s in ours.status) == 45
