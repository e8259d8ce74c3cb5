"""Pictures, pages and files for people who do not program, made from the answers of `analysis`."""
