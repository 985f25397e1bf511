#!/usr/bin/env python3
"""What training loses when two processes train at once, and beside a process that keeps a core busy: gokeras beside Keras. Prints a table; see README.md."""

import argparse
import statistics
import subprocess
import sys
import tempfile
import threading

from compare import FAMILY_BATCHES, HERE, Bench


def trained(worker, model, steps):
    return worker.ask("fit", model=model, steps=steps)["seconds"]


def together(jobs):
    times = []
    threads = [threading.Thread(target=lambda job=job: times.append(trained(*job))) for job in jobs]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return statistics.mean(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gokeras", help="the program to measure; by default it is built from this checkout")
    parser.add_argument("--python", default=sys.executable, help="that has Keras")
    parser.add_argument("--models", default="mlp,resnet20,bilstm", help="some of families.py (default: %(default)s)")
    parser.add_argument("--backends", default="gokeras,jax,tensorflow", help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1, help="of training that are timed together")
    options = parser.parse_args()
    options.gpu, options.models = None, options.models.split(",")
    backends = options.backends.split(",")
    with tempfile.TemporaryDirectory() as folder:
        if not options.gokeras:
            options.gokeras = f"{folder}/gokeras"
            subprocess.run(["go", "build", "-o", options.gokeras, "./cmd/gokeras"], cwd=HERE.parent, check=True)
        bench = Bench(options, options.gokeras, None, folder)
        bench.write_models(backends)
        print("| model | who | ms a step alone | two at once | beside a busy process |\n| --- | --- | ---: | ---: | ---: |")
        for name in options.models:
            for who in backends:
                model, batch = bench.spelled(who, name), FAMILY_BATCHES[name]
                jobs = []
                for _ in range(2):
                    worker = bench.start(who)
                    worker.ask("setup", model=model, batch=batch, samples=4 * batch)
                    trained(worker, model, 4)
                    steps = max(4, int(options.seconds / trained(worker, model, 4)))
                    worker.ask("data", model=model, samples=steps * batch)
                    jobs.append((worker, model, steps))
                alone, two, busy = [], [], []
                for _ in range(options.rounds):
                    alone.append(trained(*jobs[0]))
                    two.append(together(jobs) / alone[-1])
                    spinner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
                    busy.append(trained(*jobs[0]) / alone[-1])
                    spinner.kill()
                    spinner.wait()
                for worker, *_ in jobs:
                    worker.close()
                ratios = [f"{statistics.median(r):.2f} ({min(r):.2f} to {max(r):.2f})" for r in (two, busy)]
                print(f"| {name} | {who} | {1000 * statistics.median(alone):.3g} | {' | '.join(ratios)} |", flush=True)


if __name__ == "__main__":
    main()
