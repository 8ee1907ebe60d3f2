"""Published models, applied as published."""

from coley.biology.published.apply import Applied, apply
from coley.biology.published.models import PUBLISHED, Overlap, PublishedModel, Term

__all__ = ["PUBLISHED", "Applied", "Overlap", "PublishedModel", "Term", "apply"]
