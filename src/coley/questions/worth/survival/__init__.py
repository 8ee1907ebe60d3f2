"""What is projected of survival: curves with their data, hazards, and registries."""
