"""Scores what is served: enters through bootstrap, reads gold, writes eval/LOG.md's figures."""
