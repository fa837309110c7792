"""The domain services: what billing does."""
