"""From a study on disk to a report on disk: the pipeline, its record, and a write that no kill can halve."""
