"""What another interpreter runs: Python 2.7, or 3.6 and later, with nothing but its standard library.

It imports one legacy function and calls it, case by case, with probes in its modules where it is asked to.
Whoever starts it makes a package of the folder that this one is in, and calls :func:`.conversation.main`.
"""
