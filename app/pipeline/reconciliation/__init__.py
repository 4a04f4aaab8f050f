"""Cells of a table onto concepts, as the Reconciliation API asks."""
