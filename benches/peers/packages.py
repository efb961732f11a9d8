"""Engines that are Python packages."""

import importlib.util


def missing(engine, package):
    """Why an engine cannot run here, or None. Looks for its package without loading it."""
    if importlib.util.find_spec(package):
        return None
    return f"{engine} (Python package {package}) is not installed: its package does not exist for this machine, or the network failed"
