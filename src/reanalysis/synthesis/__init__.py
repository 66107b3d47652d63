"""What the evidence adds up to, per domain and over all of them."""
