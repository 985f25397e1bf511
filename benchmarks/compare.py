#!/usr/bin/env python3
"""Puts gokeras beside Python Keras on its backends, in one interleaved run. See README.md."""

import argparse
import datetime
import json
import os
import pathlib
import platform
import random
import select
import subprocess
import sys
import tempfile
import time

from report import markdown

HERE = pathlib.Path(__file__).resolve().parent
KERAS = ("tensorflow", "jax", "torch")
MEASURES = ("fit", "bare", "evaluate", "predict", "predict_one", "call_one")
# Steps timed together: enough that what a call costs once counts as little as in a user's epoch.
STEPS = {"model1": 10, "model2": 10, "model3": 20, "dense": 500}
# Those of families.py: the batches that they are trained in, and steps.
FAMILIES = {
    "bilstm": (32, 8), "gru": (64, 60), "transformer": (32, 12), "vit": (16, 6), "resnet20": (64, 5), "mobilenetv2": (16, 4), "conv1d": (64, 8),
    "unet": (4, 10), "mlp": (256, 60), "autoencoder": (64, 15),
}  # fmt: skip
# Those of more_families.py.
MORE = {
    "seq2seq": (32, 4), "textcnn": (32, 15), "densenet": (32, 4), "efficientnet": (8, 3), "xception": (16, 4), "convlstm": (4, 8), "wavenet": (16, 20),
    "recommender": (256, 30), "gpt": (16, 4), "cnnlstm": (8, 20), "conv3d": (4, 8), "stock": (32, 15), "mnistcnn": (128, 10), "discriminator": (16, 6),
    "generator": (8, 3), "mlpbn": (64, 200), "inceptiontime": (32, 8), "cifarbn": (64, 4), "attnlstm": (32, 15), "mixer": (16, 10), "vgg": (8, 3),
    "charrnn": (128, 15), "unetbn": (8, 6),
}  # fmt: skip
# Those of notebook_families.py.
NOTEBOOK = {
    "transfer": (32, 6), "bagofwords": (512, 15), "mnistmlp": (128, 60), "imdb": (512, 30), "imdblstm": (32, 8), "simplernn": (32, 40), "lenet": (128, 15),
    "housing": (16, 200), "augmented": (32, 8), "resnext": (32, 4), "senet": (64, 6), "convmixer": (32, 4), "captcha": (16, 8), "siamese": (16, 10),
    "pointnet": (32, 5), "bert": (16, 4), "translation": (32, 5), "widedeep": (256, 60), "nbeats": (128, 60), "lstmautoencoder": (64, 15),
    "anomaly": (128, 15), "superresolution": (8, 6), "unet3d": (2, 5), "channelsfirst": (32, 6), "cae": (128, 8), "pix2pix": (8, 5), "bigru": (128, 4),
}  # fmt: skip
GROUPS = {"families": FAMILIES, "more": MORE, "notebooks": NOTEBOOK}
IN_GROUPS = FAMILIES | MORE | NOTEBOOK
FAMILY_BATCHES = {name: batch for name, (batch, _) in IN_GROUPS.items()}
STEPS |= {name: steps for name, (_, steps) in IN_GROUPS.items()}
CALLS = 100  # of one sample
REPLY_TIMEOUT = 1800  # seconds


class Refused(RuntimeError):
    """What a worker answered that it can't do; it goes on."""


class Worker:
    """A process that measures one backend and answers requests, one JSON line each."""

    def __init__(self, who, command, env):
        self.who = who
        self.stderr = tempfile.TemporaryFile()
        self.started = time.perf_counter()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.stderr, env=env)

    def ask(self, do, **request):
        line = b""
        try:
            self.process.stdin.write(json.dumps({"do": do, **request}).encode() + b"\n")
            self.process.stdin.flush()
            if not select.select([self.process.stdout], [], [], REPLY_TIMEOUT)[0]:
                raise RuntimeError(f"{self.who}: no reply to {do} in {REPLY_TIMEOUT} s")
            line = self.process.stdout.readline()
        except BrokenPipeError:
            pass
        if not line:
            self.stderr.seek(0)
            raise RuntimeError(f"{self.who} ended at {do}:\n{self.stderr.read()[-4000:].decode(errors='replace')}")
        reply = json.loads(line)
        if "error" in reply:
            raise Refused(f"{self.who}: {do}: {reply['error']}")
        return reply

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.stderr.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Bench:
    def __init__(self, options, gokeras, save, folder):
        self.o, self.gokeras, self.save, self.folder = options, gokeras, save, pathlib.Path(folder)

    def start(self, who, cache="off"):
        """Starts a worker; cache is the folder of gokeras' compiled programs."""
        env = dict(os.environ, GOKERAS_CACHE=cache)
        if who == "gokeras":
            if self.o.gpu:
                env["GOKERAS_BACKEND"] = f"xla:{self.o.gpu}"
            return Worker(who, [self.gokeras, "bench", "--serve"], env)
        env.update(KERAS_BACKEND=who, TF_CPP_MIN_LOG_LEVEL="3")
        # All share the card, so that none may take most of its memory at once.
        env.update(dict(XLA_PYTHON_CLIENT_PREALLOCATE="false") if self.o.gpu else dict(CUDA_VISIBLE_DEVICES="", JAX_PLATFORMS="cpu"))
        return Worker(who, [self.o.python, str(HERE / "keras_worker.py")], env)

    def batch(self, model):
        return FAMILY_BATCHES.get(model, self.o.batch)

    def spelled(self, who, model):
        """What the worker calls the model: gokeras reads a family's model from the file that Keras wrote."""
        return str(self.folder / f"{model}.keras") if who == "gokeras" and model in FAMILY_BATCHES else model

    def write_models(self, backends):
        """Has Keras write the models that gokeras knows no other way."""
        models = [model for model in self.o.models if model in FAMILY_BATCHES]
        if not models or "gokeras" not in backends:
            return
        writer = next((who for who in KERAS if installed(self.o.python, who)), None)
        if not writer:
            raise SystemExit("the models of the families need a Python with Keras and one of its backends")
        with self.start(writer) as worker:
            for model in models:
                worker.ask("setup", model=model, batch=1, samples=1)
                worker.ask("save", model=model, path=self.spelled("gokeras", model))

    def steps(self, model, measure):
        if measure in ("predict_one", "on_batch_one", "call_one"):
            return CALLS
        return self.o.steps or STEPS[model]

    def live(self, backends, record):
        """Takes every measure of every model on every backend once a round, the backends right after each other."""
        workers = {who: self.start(who) for who in backends}
        try:
            can = {}
            for who, worker in workers.items():
                record["versions"][who] = worker.ask("hello")
                for model in self.o.models:
                    say(f"{who}: compiling {model}")
                    setup = worker.ask("setup", model=self.spelled(who, model), batch=self.batch(model), samples=self.batch(model) * self.steps(model, "fit"))
                    can[who, model] = []
                    for measure in setup["measures"]:
                        try:
                            # Twice: the first call compiles, and some backends compile again when the optimizer's state is there.
                            for _ in range(2):
                                worker.ask(measure, model=self.spelled(who, model), steps=min(2, self.steps(model, measure)))
                            can[who, model].append(measure)
                        except Refused as refusal:
                            if who == "gokeras":
                                raise
                            say(refusal)
                            record["refused"].append([model, str(refusal)])
            self.trained = {(who, model) for (who, model), measures in can.items() if "fit" in measures}
            for number in range(self.o.rounds):
                record["load"].append(os.getloadavg()[0])
                say(f"round {number + 1} of {self.o.rounds}, load {record['load'][-1]:.1f}")
                for model in self.o.models:
                    for measure in MEASURES:
                        order = [who for who in backends if measure in can[who, model]]
                        random.shuffle(order)
                        for who in order:
                            seconds = workers[who].ask(measure, model=self.spelled(who, model), steps=self.steps(model, measure))["seconds"]
                            record["times"].setdefault(model, {}).setdefault(measure, {}).setdefault(who, []).append(seconds)
                self.save()
        finally:
            for worker in workers.values():
                worker.close()

    def first_step(self, worker, model):
        """The seconds of the first step, and those from the start of the process to its end."""
        spelled, batch = self.spelled(worker.who, model), self.batch(model)
        worker.ask("setup", model=spelled, batch=batch, samples=batch)
        first = worker.ask("fit", model=spelled, steps=1)["seconds"]
        return first, time.perf_counter() - worker.started

    def fresh_run(self, who, model, cache):
        with self.start(who, cache) as worker:
            first, start = self.first_step(worker, model)
            spelled, batch = self.spelled(who, model), self.batch(model)
            samples = 5 * batch if model in FAMILY_BATCHES else self.o.memory_samples
            worker.ask("data", model=spelled, samples=samples)
            worker.ask("fit", model=spelled, steps=min(5, samples // batch))
            return {"first": first, "start": start, "memory": worker.ask("memory")["bytes"]}

    def fresh(self, backends, record):
        """Measures the start and the memory of processes that do nothing else."""
        for number in range(self.o.fresh_rounds):
            for model in self.o.models:
                for who in random.sample(backends, len(backends)):
                    if (who, model) not in self.trained:
                        continue
                    say(f"fresh process {number + 1} of {self.o.fresh_rounds}: {who}, {model}")
                    with tempfile.TemporaryDirectory() as cache:
                        run = self.fresh_run(who, model, cache)
                        if who == "gokeras":
                            with self.start(who, cache) as worker:
                                _, run["second"] = self.first_step(worker, model)
                    record["fresh"].setdefault(model, {}).setdefault(who, []).append(run)
            self.save()


def say(text):
    print(text, file=sys.stderr, flush=True)


def machine():
    found = {"system": platform.system(), "architecture": platform.machine(), "cpus_used": len(os.sched_getaffinity(0)), "cpus": os.cpu_count()}
    with open("/proc/cpuinfo") as f:
        for line in f:
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                found["cpu"] = value.strip()
            if key.strip() == "flags":
                found["simd"] = [flag for flag in ("avx2", "fma", "avx512f", "avx512_vnni", "amx_tile") if flag in value.split()]
    with open("/proc/meminfo") as f:
        found["memory_gb"] = round(int(f.readline().split()[1]) / 2**20, 1)
    return found


def installed(python, module):
    return subprocess.run([python, "-c", f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"]).returncode == 0


def choose(options):
    """Returns the backends to measure, and those that are left out."""
    if options.backends:
        return options.backends, []
    here = [who for who in KERAS if installed(options.python, who)]
    return ["gokeras", *here], [who for who in KERAS if who not in here]


def build(folder):
    target = str(pathlib.Path(folder) / "gokeras")
    subprocess.run(["go", "build", "-o", target, "./cmd/gokeras"], cwd=HERE.parent, check=True)
    return target


def revision():
    """Returns the checkout's commit, marked if files differ from it; "" without git."""
    git = ["git", "-C", str(HERE.parent)]
    try:
        commit = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
        changed = subprocess.run([*git, "status", "--porcelain", "--untracked-files=no", "--", "*.go", "go.mod"], check=True, capture_output=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
    return commit + (" (with changes)" if changed else "")


def write(path, text):
    """Replaces the file whole or not at all."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as f:
        f.write(text)
        f.flush()
        os.fsync(f.fileno())
        os.chmod(f.name, 0o644)
    os.replace(f.name, path)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    names = lambda text: text.split(",")  # noqa: E731
    parser.add_argument("--name", default=datetime.date.today().strftime("cpu-%Y-%m-%d"), help="of the files in results/")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "results", help="folder for the results")
    parser.add_argument("--backends", type=names, help="default gokeras and every backend of Keras that is installed")
    parser.add_argument("--models", type=names, default=["model1", "model2", "model3"], help=f"of {', '.join(STEPS)}; \"families\" for those of families.py, \"more\" for those of more_families.py")
    parser.add_argument("--batch-size", dest="batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=0, help=f"timed together; default {STEPS}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--fresh-rounds", type=int, default=2, help="fresh processes for each backend and model")
    parser.add_argument("--memory-samples", type=int, default=50000, help="samples that a fresh process trains on; CIFAR-10 has 50000")
    parser.add_argument("--threads", type=int, default=0, help="CPUs that every process may use; default all")
    parser.add_argument("--python", default=sys.executable, help="the Python that has keras and its backends")
    parser.add_argument("--gokeras", help="the program to measure; by default it is built from this checkout")
    parser.add_argument("--gpu", metavar="PLUGIN", help="run on an NVIDIA GPU: gokeras by this PJRT plugin (and options, after a comma), Keras by what its backends have")
    parser.add_argument("--note", default="", help="a line for the report")
    parser.add_argument("--render", type=pathlib.Path, help="only write the table of a results file again")
    options = parser.parse_args()
    options.models = [name for model in options.models for name in GROUPS.get(model, [model])]
    for model in options.models:
        if model not in STEPS:
            parser.error(f"there is no model {model!r}, only {', '.join(STEPS)}")
    for who in options.backends or []:
        if who not in ("gokeras", *KERAS):
            parser.error(f"there is no backend {who!r}, only gokeras, {', '.join(KERAS)}")
    if options.batch < 1 or options.rounds < 1 or options.steps < 0 or options.fresh_rounds < 0 or options.memory_samples < options.batch:
        parser.error("--batch-size and --rounds want 1 or more, --memory-samples at least a batch")
    return options


def main():
    options = arguments()
    if options.render:
        write(options.render.with_suffix(".md"), markdown(json.loads(options.render.read_text())))
        return
    if options.threads:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    backends, left_out = choose(options)
    record = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="minutes"),
        "machine": machine(),
        "note": options.note,
        "settings": {key: getattr(options, key) for key in ("models", "batch", "steps", "rounds", "fresh_rounds", "memory_samples")},
        "batches": {model: FAMILY_BATCHES.get(model, options.batch) for model in options.models},
        "steps": {model: options.steps or STEPS[model] for model in options.models},
        "left_out": left_out,
        "refused": [],
        "versions": {},
        "load": [],
        "times": {},
        "fresh": {},
    }
    options.out.mkdir(parents=True, exist_ok=True)
    results = options.out / f"{options.name}.json"

    def save():
        write(results, json.dumps(record, indent=1) + "\n")
        write(results.with_suffix(".md"), markdown(record))

    with tempfile.TemporaryDirectory() as folder:
        gokeras = options.gokeras or ("gokeras" in backends and build(folder))
        if gokeras:
            record["gokeras"] = json.loads(subprocess.run([gokeras, "version", "--json"], check=True, capture_output=True).stdout)
            if not options.gokeras:
                record["gokeras"]["revision"] = revision()
        bench = Bench(options, gokeras, save, folder)
        bench.write_models(backends)
        bench.live(backends, record)
        bench.fresh(backends, record)
    print(results.with_suffix(".md").read_text())


if __name__ == "__main__":
    main()
