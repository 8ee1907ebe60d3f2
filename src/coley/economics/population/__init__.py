"""The people behind a cohort: their ages and sexes, and how long and how well they would live without the disease."""
