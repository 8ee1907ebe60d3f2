"""Time to onset: days from the start of an exposure to an event, as spontaneous reports tell them."""
