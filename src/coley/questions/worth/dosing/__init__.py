"""Other ways to dose, treating again, and rechallenge after an irAE."""
