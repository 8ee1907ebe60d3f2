"""Discovery: one-sided tests of every pair, and the share of false ones among those that are called."""
