"""Files, folders and dataframes to a Study."""
