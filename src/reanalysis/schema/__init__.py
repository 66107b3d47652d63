"""The one specification of all tables: it validates the data and generates the codebook."""
