"""All traces by name."""
ALL = {}


class Trace:
    def __init__(self, function, options):
        self.name, self.what, self.play, self.options = function.__name__, " ".join(function.__doc__.split()), function, dict(options)
        self.minutes = self.options.pop("minutes")


def trace(**options):
    def keep(function):
        assert function.__name__ not in ALL, function.__name__
        ALL[function.__name__] = Trace(function, options)
        return ALL[function.__name__]
    return keep
