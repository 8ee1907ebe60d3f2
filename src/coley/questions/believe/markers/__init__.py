"""What is judged: markers from columns, tables, expression and published formulas, each a value a patient."""
