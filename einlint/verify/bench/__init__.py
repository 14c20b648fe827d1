"""Every spelling of an equation over a grid of sizes: which is best, and where that changes."""
