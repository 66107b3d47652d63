"""Which effects are pooled together, how, what the pools rest on, and what other packages find."""
