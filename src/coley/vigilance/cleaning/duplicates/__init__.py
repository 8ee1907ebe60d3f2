"""One event reported under several case numbers: pairs that could be, how probable each is, and what to keep."""

from coley.vigilance.cleaning.duplicates.find import Duplicates, find_duplicates

__all__ = ["Duplicates", "find_duplicates"]
