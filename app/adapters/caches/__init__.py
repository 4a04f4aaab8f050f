"""What is remembered between requests (port `Cache`) and work that is shared between them (port `SingleFlight`)."""
