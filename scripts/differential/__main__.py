"""Usage: python -m differential path/to/hotshard [--seed N] [--stores N] [--queries N] [--only N]

Prints how many queries ran and what differed; the exit code is 1 when anything did.
"""

import argparse
import itertools
import os
import shutil
import sys
import tempfile
from collections import Counter
from multiprocessing import Pool

from . import trial
from .queries import MEASURES
from .stores import ORDER, REMEDIES

SEED = 20130208


def arguments():
    parser = argparse.ArgumentParser(prog="differential", description="Holds `hotshard query` against DuckDB on random stores.")
    parser.add_argument("binary", help="the hotshard to test")
    parser.add_argument("--seed", type=int, default=SEED, help=f"where every random choice comes from [default: {SEED}]")
    parser.add_argument("--stores", type=int, default=len(REMEDIES) * len(ORDER), help="stores to make [default: each shape with each remedy]")
    parser.add_argument("--queries", type=int, default=90, help="queries a store [default: 90]")
    parser.add_argument("--only", type=int, metavar="N", help="just the store of this number")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="stores at once [default: one a processor]")
    return parser.parse_args()


def main():
    given = arguments()
    print(f"seed {given.seed}", flush=True)
    numbers = range(given.stores) if given.only is None else [given.only]
    folder = tempfile.mkdtemp(prefix="hotshard-differential-")
    trials = [trial.Trial(os.path.abspath(given.binary), given.seed, number, given.queries, folder) for number in numbers]
    rows, failures, from_records, asked = 0, 0, 0, Counter()
    with Pool(given.jobs) as pool:
        for result in pool.imap_unordered(trial.run, trials):
            rows += result.rows
            failures += len(result.failures)
            from_records += result.from_records
            asked += result.asked
            if result.failures:
                print(f"\n{result.story(given.seed, given.queries)}", flush=True)
    print(f"\nstores: {len(trials)}, rows: {rows:,}, queries: {asked.total():,}, {from_records} of them answered by commit records\n{table(asked)}")
    if failures:
        sys.exit(f"{failures} failures, at most {trial.MOST_FAILURES} a store; the stores stay in {folder}")
    shutil.rmtree(folder)
    missing = [stratum for stratum in strata() if not tally(asked, stratum)] + ([] if from_records else ["commit records"])
    if missing and given.only is None:
        sys.exit(f"nothing was counted for {missing}: ask more stores or queries")
    print("DuckDB agrees with all of them.")


def strata():
    """What must not go unasked."""
    return list(itertools.product(MEASURES, REMEDIES, (False, True)))


def tally(asked, stratum):
    """Queries of a stratum that counted something."""
    return asked[(*stratum, True)]


def table(asked):
    lines = [f"{'measure':10} {'remedy':8} {'dedup':6} {'queries':>8} {'counted something':>18}"]
    for measure, remedy, dedup in strata():
        counted = tally(asked, (measure, remedy, dedup))
        queries = counted + asked[(measure, remedy, dedup, False)]
        lines.append(f"{measure:10} {remedy:8} {'yes' if dedup else 'no':6} {queries:8,} {counted:18,}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
