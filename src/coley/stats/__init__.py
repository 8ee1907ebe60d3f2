"""Arrays in, numbers out: estimators that know nothing of cancer."""
