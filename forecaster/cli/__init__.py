"""The command line: options in, one call, text out. A command is imported only when called."""
