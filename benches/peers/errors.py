"""What stops a run: a sentence for whoever started it."""


class PeersError(Exception):
    """The run ends here, and no result is written."""


class JobFailed(PeersError):
    """A measured process ended with a failure."""
