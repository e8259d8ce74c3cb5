"""From the nation to the seats: the base and the swing rules."""
