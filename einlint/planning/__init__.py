"""From a contraction to the best plan of all rewrites."""
