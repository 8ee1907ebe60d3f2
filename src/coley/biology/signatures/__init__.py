"""Published signatures of expression: the registry with its conflicts, and the runner that scores them."""

from coley.biology.signatures.frozen import reference
from coley.biology.signatures.registry import REGISTRY_VERSION, conflicts, conflicts_of, signature, signatures
from coley.biology.signatures.results import Scores
from coley.biology.signatures.run import score
from coley.biology.signatures.values import Conflict, Signature

__all__ = [
    "REGISTRY_VERSION",
    "Conflict",
    "Scores",
    "Signature",
    "conflicts",
    "conflicts_of",
    "reference",
    "score",
    "signature",
    "signatures",
]
