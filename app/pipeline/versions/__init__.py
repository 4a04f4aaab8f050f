"""From one version of a taxonomy to the next: differences, mappings, stored tags."""
