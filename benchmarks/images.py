#!/usr/bin/env python3
"""Images a second from a folder, gokeras beside tf.data, in turns. See README.md."""

import argparse
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

from compare import HERE, Worker

BATCH = 32


def draw(folder, count):
    """Writes JPEG images of photographs' sizes and detail, in two classes."""
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(1)
    for i in range(count):
        width, height = rng.integers(320, 641), rng.integers(240, 481)
        coarse = Image.fromarray(rng.integers(0, 256, (9, 12, 3), dtype="uint8")).resize((width, height), Image.BICUBIC)
        grained = np.clip(np.asarray(coarse) + rng.normal(0, 6, (height, width, 1)), 0, 255).astype("uint8")
        path = pathlib.Path(folder) / f"class{i % 2}" / f"{i:04}.jpg"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(grained).save(path, quality=88)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", help="a folder of images whose subfolders are the classes")
    parser.add_argument("--images", type=int, default=600, help="how many are drawn without one")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--python", default=sys.executable, help="a Python with Keras and TensorFlow")
    o = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = o.folder
        if folder is None:
            folder = os.path.join(made, "images")
            os.mkdir(folder)
            draw(folder, o.images)
        gokeras = os.path.join(made, "gokeras")
        subprocess.run(["go", "build", "-o", gokeras, "./cmd/gokeras"], cwd=HERE.parent, check=True)
        env = dict(os.environ, KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
        with Worker("gokeras", [gokeras, "bench", "--serve"], env) as ours, Worker("tf.data", [o.python, str(HERE / "keras_worker.py")], env) as theirs:
            workers = {w.who: w for w in (ours, theirs)}
            rates = {who: [] for who in workers}
            for number in range(o.rounds + 1):
                for who in random.sample(list(workers), len(workers)):
                    seconds = workers[who].ask("images", folder=folder, batch=BATCH)["seconds"]
                    if number:  # the first round warms the files' cache
                        rates[who].append(1 / seconds)
            memory = {who: w.ask("memory")["bytes"] for who, w in workers.items()}
        ratios = [a / b for a, b in zip(*rates.values())]
        for who in rates:
            print(f"{who}: {statistics.median(rates[who]):.0f} images a second, {memory[who] / 2**20:.0f} MiB at most")
        print(f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}); memory {memory['gokeras'] / memory['tf.data']:.2f}; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
