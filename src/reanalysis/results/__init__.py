"""What the pipeline makes: the rows of its tables, and how they are written and read."""
