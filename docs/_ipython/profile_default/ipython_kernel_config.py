"""Settings of what runs the tutorials: it speaks to this machine alone, and need not warn of it."""

c = get_config()  # noqa: F821
c.IPKernelApp.log_level = "ERROR"
