#!/usr/bin/env python3
"""Keras's applications, gokeras beside Keras on its backends, in turns: building, loading, predicting. See README.md."""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

from compare import HERE, KERAS, Bench, installed, machine, revision, say, build as compiled, write
from report import ratios, spread, table

NETWORKS = ("MobileNetV2", "ResNet50", "EfficientNetB0")
ROWS = {
    "build": ("building, weights drawn", 1),
    "load": ("loading its `.keras` file", 1),
    "predict_one": ("`predict` of one image", 1e3),
    "call_one": ("one image, shortest way", 1e3),
    "predict": ("`predict`, a batch of 16", 1e3),
}
BATCH, BATCHES, CALLS = 16, 4, 10


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--name", default="applications", help="of the files in results/")
    parser.add_argument("--python", default=sys.executable, help="the Python that has keras and its backends")
    o = parser.parse_args()
    backends = ["gokeras", *(who for who in KERAS if installed(o.python, who))]
    record = {"machine": machine(), "revision": revision(), "times": {}}
    results = HERE / "results" / f"{o.name}.json"
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(o, compiled(folder), None, folder)
        workers = {who: bench.start(who) for who in backends}
        try:
            model = lambda who, name: str(pathlib.Path(folder) / f"{name}.keras") if who == "gokeras" else name  # noqa: E731
            for name in NETWORKS:
                for who in backends[1:] + backends[:1]:  # Keras writes what gokeras reads
                    say(f"{who}: compiling {name}")
                    workers[who].ask("setup", model=model(who, name), batch=BATCH, samples=BATCH * BATCHES)
                    if who == backends[1]:
                        workers[who].ask("save", model=name, path=model("gokeras", name))
                    for measure in ROWS:
                        ask(workers[who], measure, name, model(who, name), folder, 1)
            for n in range(o.rounds):
                say(f"round {n + 1} of {o.rounds}")
                for name in NETWORKS:
                    for measure in ROWS:
                        for who in random.sample(backends, len(backends)):
                            seconds = ask(workers[who], measure, name, model(who, name), folder, BATCHES if measure == "predict" else CALLS)
                            record["times"].setdefault(name, {}).setdefault(measure, {}).setdefault(who, []).append(seconds)
                write(results, json.dumps(record, indent=1) + "\n")
                write(results.with_suffix(".md"), markdown(record, backends))
        finally:
            for worker in workers.values():
                worker.close()
    print(results.with_suffix(".md").read_text())


def ask(worker, measure, name, spelled, folder, steps):
    if measure == "build":
        spelled = name
    elif measure == "load":
        spelled = str(pathlib.Path(folder) / f"{name}.keras")
    return worker.ask(measure, model=spelled, steps=steps)["seconds"]


def markdown(record, backends):
    m, others = record["machine"], backends[1:]
    out = ["# Keras's applications at 224 × 224", "", f"{m.get('cpu', 'unknown CPU')}, {m['cpus_used']} CPUs, gokeras {record['revision']}. Seconds of building and loading, else milliseconds: medians (least–most)."]
    out += ["The last columns are the medians of the rounds' ratios, gokeras over each; below 1, gokeras is faster."]
    for name, measures in record["times"].items():
        rows = []
        for measure, (title, scale) in ROWS.items():
            times = measures.get(measure, {})
            if len(times) == len(backends):
                rows.append([title, *(spread(times[who], scale) for who in backends), *ratios(title, times, others)[1:]])
        out += ["", f"## {name}", "", *table(["", *backends, *(f"over {who}" for who in others), *(["over the best"] if len(others) > 1 else [])], rows)]
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    main()
