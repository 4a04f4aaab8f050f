"""What is certain in a text: labels, quantities and what stands beside them, from rules that are data."""
