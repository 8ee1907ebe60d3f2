"""How sure the choice is, what moves it, and what it would be worth to know more."""
