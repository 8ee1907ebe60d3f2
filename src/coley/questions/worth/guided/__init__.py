"""Treatment guided by a test: from published accuracy, from randomised arms, or by response."""
