"""From national shares to the seats: the base, and the swing rules."""
