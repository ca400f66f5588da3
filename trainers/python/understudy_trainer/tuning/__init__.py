"""Tuning: what a trial tries, on which days it is judged, and when it is given up."""
