"""Training of the model families: one file each, dispatched by the key `family` of a recipe."""
