"""What stands between the command line and verify: options, requests, jobs."""
