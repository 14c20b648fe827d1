"""What formats share: their type, and painting."""
