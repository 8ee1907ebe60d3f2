"""Tables of truth: what Coley finds in simulated databases whose signals are known, and what it finds in error."""
