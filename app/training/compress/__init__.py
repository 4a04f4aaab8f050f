"""Span taggers made smaller: fewer word pieces, fewer layers, int8 weights, and one student of several teachers.

eval/compression.py measures what each costs and gains.
"""
