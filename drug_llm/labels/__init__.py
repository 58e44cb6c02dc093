"""Drug labels: reading them from every official format, storing them, comparing them."""
