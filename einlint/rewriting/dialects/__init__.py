"""How each library spells the rewrite IR."""
