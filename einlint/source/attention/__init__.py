"""What finds and replaces attention: read only for a file that has a softmax."""
