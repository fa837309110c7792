"""What a call does besides its answer, observed around either side."""
