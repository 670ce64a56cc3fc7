"""What is done at each route: a request and the state become an outcome."""
