"""The interpreter that runs the program: fresh, offline, watched, its faults explained."""
