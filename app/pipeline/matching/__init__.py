"""Values onto concepts: the label index, exact, fuzzy and semantic matches, overlays, search."""
