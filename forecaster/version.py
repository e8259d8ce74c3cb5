"""The version of the program, stated here only: the build and every run read it."""

VERSION = "0.1.0"
