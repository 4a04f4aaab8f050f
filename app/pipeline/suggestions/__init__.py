"""Values that fit no concept: clustered, and what could be done about them."""
