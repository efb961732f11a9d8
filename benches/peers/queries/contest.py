"""One count over one store, asked of every engine in turn."""

from dataclasses import asdict

from .. import page_cache, process, results
from ..errors import JobFailed, PeersError
from ..progress import say
from . import answers, stores

# Enough to tell which way of asking an engine is its fastest.
TRIAL_REPEATS = 3


class Contest:
    """`entries` holds what goes into the record of each engine that takes part, by its name."""

    def __init__(self, count, threshold, store, repeats, left_out):
        self.count = count
        self.threshold = threshold
        self.store = store
        self.repeats = repeats
        self.left_out = left_out
        self.rows = None
        self.entries = {}
        self.versions = {}

    @property
    def title(self):
        return f"T = {self.threshold:,}: {self.count.title}"

    def agree(self, engines):
        """Asks every engine in every way, and ends the run unless all answers are the first engine's.

        Nothing of this is timed for the result but which way is an engine's fastest.
        """
        for engine in engines:
            tried = [trial for way in engine.ways[self.count.key] if (trial := self.attempt(engine, way))]
            taken = [trial for trial in tried if "differs" not in trial]
            if not taken:
                continue
            way = min(taken, key=lambda trial: trial["best_s"])["way"]
            command = results.shown(self.command(engine, way, self.repeats))
            self.entries[engine.name] = {"way": way, "command": command, "tried": tried, "runs": []}
        say(f"{self.title}: {', '.join(self.entries)} agree on {len(self.rows)} rows")

    def attempt(self, engine, way):
        try:
            figures, rows = self.ask(engine, way, TRIAL_REPEATS)
        except JobFailed as failure:
            self.leave_out(engine, f"{way}: {failure}")
            return None
        self.rows = rows if self.rows is None else self.rows
        differs = answers.difference(self.rows, rows)
        if differs and way not in self.count.looser:
            raise PeersError(f"{self.title}: {engine.name} ({way}) gives another answer, so no result is written: {differs}")
        return {"way": way} | figures | ({"differs": differs} if differs else {})

    def run(self, engine, number):
        """A timed run, if the engine takes part. Its answer is held against the first once more."""
        entry = self.entries.get(engine.name)
        if entry is None:
            return
        try:
            figures, rows = self.ask(engine, entry["way"], self.repeats)
            if engine.name == "hotshard":
                figures["process_s"] = process.run(self.command(engine, entry["way"], 1))[0].wall_s
        except JobFailed as failure:
            del self.entries[engine.name]
            self.leave_out(engine, f"round {number}: {failure}")
            return
        differs = answers.difference(self.rows, rows)
        if differs:
            raise PeersError(f"{self.title}: {engine.name} gives another answer in round {number}: {differs}")
        entry["runs"].append({"round": number} | figures)

    def ask(self, engine, way, repeats):
        """Figures and answer of a fresh process, which finds the files in the page cache."""
        page_cache.warm(*stores.paths(self.store))
        usage, printed = process.run(self.command(engine, way, repeats))
        figures = engine.read(self.count, printed)
        if version := figures.pop("version", None):
            self.versions[engine.name] = version
        rows = answers.normal(self.count, figures.pop("rows"))
        return asdict(usage) | figures, rows

    def command(self, engine, way, repeats):
        return engine.command(self.count, way, self.store, repeats)

    def leave_out(self, engine, reason):
        """An engine that fails is left out; hotshard may not fail."""
        sentence = f"{engine.name}, {self.title}: {reason}"
        if engine.name == "hotshard":
            raise PeersError(sentence)
        self.left_out[sentence] = sentence
        say(f"left out: {sentence}")

    def record(self):
        return {"key": self.count.key, "title": self.count.title, "rows": len(self.rows), "engines": self.entries}
