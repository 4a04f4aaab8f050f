"""Data, fine-tuning and export of the models that ship."""
