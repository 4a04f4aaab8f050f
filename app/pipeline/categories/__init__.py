"""A listing's category in a large tree: candidates, and the choice among them."""
