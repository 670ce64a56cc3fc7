"""Fields that nobody is to read as they are: masked for good, or encrypted for those who have the right to a tenant's key."""
