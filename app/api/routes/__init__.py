"""One module per group of resources; each has a `router`."""
