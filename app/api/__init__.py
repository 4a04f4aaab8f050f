"""The service over HTTP: wire models, problems, routes."""
