"""What tumours, tests and patients are; the facts are tables in `resources/`, each row with its source."""
