"""From a plan to counts: blocks of draws over threads or machines."""
