"""The tables of a simulated study, each made from one `Trial`."""
