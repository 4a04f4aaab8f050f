"""Span taggers made smaller: fewer word pieces, fewer layers, int8 weights, and one student of several teachers.

`tagwright model measure` prints what each costs and gains.
"""
