"""Pictures of contractions as SVG: drawn from the algebra alone, without a library."""
