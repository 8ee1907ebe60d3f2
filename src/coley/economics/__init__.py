"""Years and money: life tables, doses and prices, the course of the disease, and what it all is worth."""
