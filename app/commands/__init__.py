"""Bodies of the command line's verbs."""
