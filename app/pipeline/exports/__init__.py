"""What tags and taxonomies become in the formats of others: pure mappings, no files."""
