"""Generative models behind the port `Generator`; loaded lazily by name."""
