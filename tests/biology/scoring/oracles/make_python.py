"""Made gseapy_*.csv and decoupler_*.csv with gseapy 1.3.1 and decoupler 2.2.0."""

from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    import decoupler as dc
    import gseapy
    import pandas as pd

    X = pd.read_csv(HERE / "expression.csv", index_col=0)
    table = pd.read_csv(HERE / "sets.csv")
    sets = {name: list(rows.gene) for name, rows in table.groupby("set", sort=False)}
    sizes = {"min_size": 1, "max_size": 1000, "threads": 1, "outdir": None}

    def write(scores, name):
        scores.astype(float).loc[list(sets), list(X.columns)].to_csv(HERE / name, float_format="%.17g")

    # ranks to the power 0.25, whose factor 10000 / genes cancels; ES is the sum of the running difference
    found = gseapy.ssgsea(X, sets, sample_norm_method="rank", weight=0.25, **sizes).res2d
    write(found.pivot(index="Term", columns="Name", values="ES"), "gseapy_ssgsea.csv")
    for name, difference in (("gseapy_gsva.csv", True), ("gseapy_gsva_max.csv", False)):
        found = gseapy.gsva(X, sets, kcdf="Gaussian", mx_diff=difference, **sizes).res2d
        write(found.pivot(index="Term", columns="Name", values="ES"), name)

    net = table.rename(columns={"set": "source", "gene": "target"})
    for top in (10, 60):
        area = dc.mt.aucell(X.T, net, tmin=1, n_up=top)
        write((area[0] if isinstance(area, tuple) else area).T, f"decoupler_aucell_{top}.csv")


if __name__ == "__main__":
    main()
