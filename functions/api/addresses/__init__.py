"""The routes by resource, as plain data.

A route names its handler, whose module is imported when it is first called.
"""
