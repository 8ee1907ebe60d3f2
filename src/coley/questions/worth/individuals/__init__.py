"""Patients lived one by one, with irAEs as events of their lives."""
