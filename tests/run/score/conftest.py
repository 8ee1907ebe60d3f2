"""Expression that scores can be made of: a whole transcriptome, simulated once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from coley.biology.genes import gene_table

SAMPLES = [f"s{i:02}" for i in range(12)]


def coding_genes() -> list[str]:
    """Return every protein-coding gene but NCBI's "NAN", which files read as missing."""
    return sorted(g for g in gene_table().approved if gene_table().is_protein_coding(g) and g != "NAN")


def write_matrix(path: Path, genes: list[str], values: np.ndarray, samples: list[str] = SAMPLES) -> Path:
    frame = pl.DataFrame(values, schema=samples)
    frame.insert_column(0, pl.Series("gene", genes)).write_csv(path, separator="\t")
    return path


@pytest.fixture(scope="session")
def tpm() -> np.ndarray:
    """TPM of every protein-coding gene in twelve samples."""
    rng = np.random.default_rng(11)
    level = rng.normal(1.0, 2.0, (len(coding_genes()), 1))
    values = np.exp2(level + rng.normal(0.0, 0.7, (len(level), len(SAMPLES))))
    return np.round(values / values.sum(axis=0) * 1e6, 4)


@pytest.fixture(scope="session")
def whole(tpm: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a file."""
    return write_matrix(tmp_path_factory.mktemp("expression") / "whole.tsv", coding_genes(), tpm)
