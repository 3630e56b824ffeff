"""A workspace made and looked after; accounts connected."""
