"""Published signatures of expression: the registry with its conflicts, and the runner that scores them."""

from coley.biology.signatures.registry import REGISTRY_VERSION, conflicts, conflicts_of, signature, signatures
from coley.biology.signatures.values import Conflict, Signature

__all__ = [
    "REGISTRY_VERSION",
    "Conflict",
    "Signature",
    "conflicts",
    "conflicts_of",
    "signature",
    "signatures",
]
