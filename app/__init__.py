"""Tagwright: product listings in, tags of a controlled multilingual taxonomy out."""

__version__ = "0.1.0"
