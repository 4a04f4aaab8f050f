"""What a translated taxonomy may have got wrong."""
