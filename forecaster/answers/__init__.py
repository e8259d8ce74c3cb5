"""Questions answered from a run or from the data, each as a table; nothing is simulated."""
