"""The table of genes, made from a download of the HGNC complete set; needed only to bring it up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl


def build(complete_set: Path, older_set: Path, out: Path) -> None:
    """Write the compact table of genes.

    Parameters
    ----------
    complete_set
        `hgnc_complete_set.txt` (or .gz) of HGNC: the symbols that count.
    older_set
        An older one. What it approves or withdraws and the newer one no longer knows is kept as withdrawn,
        because data sets of its time still carry it.
    out
        The Parquet file to write; `resources/genes.parquet` and the rows of `resources/sources.csv`
        belong together.
    """
    import polars as pl

    now, then = _read(complete_set), _read(older_set)
    approved = now.filter(pl.col("status") == "Approved")
    known = set(approved["symbol"])
    for column in ("prev_symbol", "alias_symbol"):
        known |= set(approved[column].drop_nulls().str.split("|").explode())
    withdrawn = then.filter(~pl.col("symbol").is_in(sorted(known))).select("symbol").unique()
    genes = approved.select(
        "symbol",
        "locus_type",
        "locus_group",
        pl.col("prev_symbol").alias("previous"),
        pl.col("alias_symbol").alias("alias"),
        pl.col("ensembl_gene_id").str.strip_prefix("ENSG").cast(pl.Int64, strict=False).alias("ensembl"),
        pl.col("entrez_id").cast(pl.Int64, strict=False).alias("entrez"),
    )
    gone = withdrawn.with_columns(locus_type=pl.lit("withdrawn"), locus_group=pl.lit("withdrawn"))
    table = pl.concat([genes, gone], how="diagonal").sort("symbol")
    table.write_parquet(out, compression="zstd", compression_level=22)


def _read(path: Path) -> pl.DataFrame:
    import polars as pl

    return pl.read_csv(path, separator="\t", infer_schema=False)
