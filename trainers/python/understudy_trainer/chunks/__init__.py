"""Long trainings in chunks: after each, what is needed to go on from there is kept, and both ways of getting there give the same bytes."""
