"""The files that people write: text, YAML, the configuration, and which files are raw data."""
