"""Writes special.csv beside this file: logarithms of incomplete gamma and beta functions to 50 digits.

In an environment with mpmath 1.3 or later: python make_special.py
"""

from __future__ import annotations

from pathlib import Path

from mpmath import betainc, exp, gammainc, log, mp, mpf

mp.dps = 50


def gamma_ratio(a: float, log_ratio: float, *, upper: bool):
    x = mpf(a) * exp(mpf(log_ratio))
    if upper:
        return log(gammainc(mpf(a), x, mp.inf, regularized=True))
    return log(gammainc(mpf(a), 0, x, regularized=True))


def beta(a: float, b: float, log_odds: float):
    y = 1 / (1 + exp(-mpf(log_odds)))
    return log(betainc(mpf(a), mpf(b), 0, y, regularized=True))


rows = []
for a in (0.05, 0.5, 1.0, 3.7, 25.0, 400.0, 9000.0):
    sd = a**-0.5
    for z in (-12.0, -4.0, -1.0, 0.0, 0.5, 3.0, 9.0, 40.0):
        log_ratio = float(z * sd) if a >= 1 else z / 4
        rows.append(("upper", a, 0.0, log_ratio, gamma_ratio(a, log_ratio, upper=True)))
        rows.append(("lower", a, 0.0, -log_ratio, gamma_ratio(a, -log_ratio, upper=False)))
for a, b in ((0.3, 2.0), (1.0, 1.0), (4.0, 0.7), (30.0, 3.0), (2.0, 500.0), (600.0, 2.5), (80.0, 90.0)):
    rows += [("beta", a, b, at, beta(a, b, at)) for at in (-300.0, -20.0, -6.0, -1.5, 0.0, 1.0, 4.0)]

with Path(__file__).with_name("special.csv").open("w") as out:
    out.write("# make_special.py, mpmath\nfunction,a,b,at,value\n")
    for name, a, b, at, value in rows:
        out.write(f"{name},{a!r},{b!r},{at!r},{mp.nstr(value, 18)}\n")
