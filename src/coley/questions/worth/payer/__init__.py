"""What a payer asks besides: prices and refunds, the budget, severity, and who gains."""
