"""Writes the Swift of `Sources/ARI/Generated` from Asterisk's description of ARI (Swagger 1.1)."""
