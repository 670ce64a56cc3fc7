"""Schedules by the thousand: drawn, run, judged; what fails is shrunk and kept as a witness."""
