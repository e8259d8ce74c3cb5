"""Council elections: wards of one or more seats, slates of candidates, and who governs."""
