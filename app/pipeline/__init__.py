"""The pure steps from a listing to its tags; `tagger.py` puts them in order."""
