"""The lessons of the course, one folder each: text, exercise, check, solution, hints, pictures. `acklab learn` opens them."""
