"""The formats that Coley reads, in the order in which they are tried."""

from __future__ import annotations

from coley.model.registry import Registry
from coley.read.cbioportal import CBIOPORTAL
from coley.read.cdisc import CDISC
from coley.read.expression import EXPRESSION
from coley.read.format import Format
from coley.read.maf import MAF
from coley.read.native import NATIVE
from coley.read.plain import PLAIN
from coley.read.reports import REPORTS

__all__ = ["FORMATS", "Format"]

FORMATS: Registry[Format] = Registry("format")
for _format in (
    NATIVE,
    CBIOPORTAL,
    CDISC,
    MAF,
    EXPRESSION,
    REPORTS,
    PLAIN,
):  # plain comes last: it takes whatever holds a table
    FORMATS.add(_format.name, _format)
