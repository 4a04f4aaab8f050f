"""Values that are amounts: number, unit, range, multipack; and how a shop wants values written."""
