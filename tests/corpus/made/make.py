#!/usr/bin/env python3
"""Makes labelled traces of imitated desktops, which no line of the detection was written for.

Deterministic: each trace has a seed of its own, made of its name and of --seed. Needs the program zstd. What people could
disagree about (grey_…) is made where a word asks for it.
"""
import argparse
import json
import os

import grey  # noqa: F401
import honest  # noqa: F401
import runs  # noqa: F401
from registry import ALL
from sim import World


def make(trace, folder, seed):
    world = World(trace.name, seed=seed, **trace.options)
    trace.play(world)
    path = os.path.join(folder, trace.name)
    world.run(trace.minutes * 60, path + ".jsonl.zst")
    assert trace.name.startswith(("grey_", "run_" if world.labels else "honest_")), trace.name
    assert not world.checks, (trace.name, world.checks[:3])
    for label in world.labels:
        assert label["members"], (trace.name, label["what"])
        assert label["from"] + label["rule_seconds"] < world.at, (trace.name, label["what"], "is not long enough")
    how = f"tests/corpus/made/make.py --seed {seed} {trace.name}"
    label = {"what": trace.what, "how": how, "runaways": [dict(label) for label in world.labels]}
    with open(path + ".json", "w", encoding="utf-8") as file:
        file.write(json.dumps(label) + "\n")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--into", required=True, metavar="FOLDER", help="where the traces and their labels go")
    options.add_argument("--seed", type=int, default=1, help="another one makes others of the same scripts")
    options.add_argument("words", nargs="*", metavar="WORD", help="a part of the names of those to make; all but the grey ones")
    asked = options.parse_args()
    os.makedirs(asked.into, exist_ok=True)
    for name, trace in ALL.items():
        is_asked = any(word in name for word in asked.words) if asked.words else not name.startswith("grey_")
        if is_asked:
            make(trace, asked.into, asked.seed)


main()
