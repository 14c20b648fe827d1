"""What is asked of scores and weights, or done to them, besides attention."""
