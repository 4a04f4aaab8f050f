"""Model families of the field behind one contract: a folder with a card and weights is opened as an Extractor."""
