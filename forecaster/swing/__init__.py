"""From the nation to the seats: the base, the swing rule and the structure of the error."""
