"""Model files of further indications: found beside the model, and refused where they cannot stand beside it."""

from __future__ import annotations

import pytest
from tests.economics.conftest import TEXT

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.read.economic_model import read_economic_model

HERE = """
[[indications]]
label = "melanoma"
strategy = "new"
drug = "pembrolizumab"
patients_per_year = 100

[[indications]]
label = "lung"
model = "{file}"
strategy = "new"
drug = "pembrolizumab"
patients_per_year = 300
"""


@pytest.fixture
def files(tmp_path):
    """Write two model files beside each other, the second one changed, and return the path of the first."""

    def written(*changes, file="lung.toml", more=""):
        text = TEXT
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "lung.toml").write_text(text + more)
        path = tmp_path / "model.toml"
        path.write_text(TEXT + HERE.format(file=file))
        return path

    return written


def test_each_model_is_read_and_its_files_are_recorded(files):
    read = read_economic_model(files(('title = "Two exponential arms"', 'title = "Lung"')))
    assert list(read.indications) == ["lung"], "melanoma is the model's own"
    assert read.indications["lung"].model.title == "Lung"
    assert [source.file for source in read.sources] == ["model.toml", "lung.toml"]


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        (
            (('"USD"', '"GBP"'), ("48.57 USD", "48.57 GBP")),
            InvalidSetting,
            "in GBP of 2022, this model in USD of 2022",
        ),
        ((("price_year = 2022", "price_year = 2021"),), InvalidSetting, "in USD of 2021"),
        (
            (("48.57 USD per mg", "47.00 USD per mg"),),
            InvalidSetting,
            "47 USD per mg for lung and 48.57 for melanoma",
        ),
        ((("strategies.new", "strategies.newer"),), UnreadableInput, "'new', which is none of old, newer"),
        ((('drug = "pembrolizumab"', 'drug = "nivolumab"'),), UnreadableInput, "and new gives nivolumab"),
        ((("female = 0.4", "female = 40"),), UnreadableInput, "population.female"),
    ],
)
def test_models_that_cannot_stand_beside_each_other(files, changes, error, said):
    with pytest.raises(error) as caught:
        read_economic_model(files(*changes))
    assert said in str(caught.value)


def test_a_price_that_differs_by_the_size_of_vials_is_one_price(files):
    read = read_economic_model(files(("48.57 USD per mg", "48.30 USD per mg")))
    assert "lung" in read.indications


def test_no_model_leads_on_to_others(files):
    with pytest.raises(UnreadableInput, match="names indications of its own"):
        read_economic_model(files(more=HERE.format(file="model.toml")))
    with pytest.raises(UnreadableInput, match="names the model file that it stands in"):
        read_economic_model(files(file="model.toml"))


def test_files_that_are_not_there_or_lie_elsewhere(files):
    with pytest.raises(UnreadableInput, match=r"Did you mean 'lung\.toml'"):
        read_economic_model(files(file="lungs.toml"))
    with pytest.raises(UnreadableInput, match="outside the folder"):
        read_economic_model(files(file="../lung.toml"))
