"""Listings with gold tags, made from the taxonomy and the project's own templates, in every locale of the taxonomy.

The point is not to teach labels (rules know them) but to teach the task: copy what states a value, in the words of the
text; leave out what is negated, meant for another product, only looks like it, or belongs to another item. What is
made is deterministic by seed and streams.
"""

from app.training.generator.example import Example, Span
from app.training.generator.generator import Generator, open_generator

__all__ = ["Example", "Generator", "Span", "open_generator"]
