"""Interaction of a treatment with a marker: predictive, prognostic, both, or too little data to tell."""
