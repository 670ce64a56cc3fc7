"""What leaves the screen as a file: the frame as text and as a picture, the trace, and the whole run as one page."""
