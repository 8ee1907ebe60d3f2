"""Write information.csv and ratios.csv beside this file: vigipy 3.5.1, used as a black box.

In an environment of its own (pip install vigipy==3.5.1): python make_information.py
"""

from pathlib import Path

import numpy as np
import pandas as pd
import vigipy

HERE = Path(__file__).parent
KEY = ["Count", "product margin", "event margin"]

rng = np.random.default_rng(3)
reports = pd.DataFrame(
    [
        (f"drug {i}", f"event {j}", count)
        for i in range(12)
        for j in range(10)
        if (count := rng.poisson(np.exp(rng.normal(1.5, 1.3))))
    ],
    columns=["name", "AE", "count"],
)
data = vigipy.convert(reports)


def signals(measure, **settings):
    table = measure(data, min_events=1, **settings).all_signals
    return table.set_index(["Product", "Adverse Event"]).sort_index()


normal, drawn = signals(vigipy.bcpnn), signals(vigipy.bcpnn, MC=True, num_MC=200_000)
table = normal[KEY].rename(columns=dict(zip(KEY, ["both", "exposed", "event"], strict=True)))
table["total"] = data.N
information = table.assign(
    normal_low=normal["quantile"], normal_p=normal["posterior_probability"], drawn_low=drawn["quantile"]
)
prr, ror = signals(vigipy.prr), signals(vigipy.ror)
ratios = table.assign(
    **{
        f"{name}_{ours}": found[theirs]
        for name, found in (("PRR", prr), ("ROR", ror))
        for ours, theirs in (("value", name), ("low", "CI Lower"), ("high", "CI Upper"))
    }
)
for name, frame, call in (
    ("information", information, "bcpnn(data, min_events=1) and with MC=True, num_MC=200_000"),
    ("ratios", ratios, "prr(data, min_events=1), ror(data, min_events=1)"),
):
    text = f"# vigipy 3.5.1: {call}\n" + frame.to_csv(index=False, lineterminator="\n")
    (HERE / f"{name}.csv").write_text(text)
