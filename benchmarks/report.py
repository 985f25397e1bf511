"""Turns what compare.py recorded into Markdown."""

import statistics

ROWS = {
    "fit": "`fit`, a step",
    "evaluate": "`evaluate`, a step",
    "predict": "`predict`, a step",
    "predict_one": "`predict` of one sample",
    "call_one": "one sample, shortest way",
}
FRESH = {
    "start": ("process start to first finished step", "s", 1),
    "second": ("the same of the next process, with gokeras' cache", "s", 1),
    "first": ("first `fit` step with compilation", "s", 1),
    "memory": ("peak memory of training", "MB", 2**-20),
}


def number(v):
    if abs(v) >= 100:
        return f"{v:.0f}"
    return f"{v:.1f}" if abs(v) >= 10 else f"{v:.2f}" if abs(v) >= 1 else f"{v:.3f}"


def spread(values, scale=1.0):
    """Median (least–most)."""
    values = [v * scale for v in values]
    return f"{number(statistics.median(values))} ({number(min(values))}–{number(max(values))})"


def ratio(ours, theirs):
    """Median of the rounds' own ratios: what disturbed a round disturbed both."""
    values = [a / b for a, b in zip(ours, theirs)]
    short = lambda v: f"{v:.2f}" if v >= 0.1 else f"{v:.1g}"  # noqa: E731
    return f"**{short(statistics.median(values))}** ({short(min(values))}–{short(max(values))})"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "| --- |" + " ---: |" * (len(header) - 1)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def by_who(values, column):
    return {who: [run[column] for run in runs] for who, runs in values.items() if all(column in run for run in runs)}


def ratios(title, ours_of, others):
    """A row of gokeras' ratios, with that to the best of Keras in the last column; None without gokeras."""
    ours = ours_of.get("gokeras")
    if not ours:
        return None
    have = [who for who in others if who in ours_of]
    cells = [ratio(ours, ours_of[who]) if who in have else "" for who in others]
    if len(others) > 1 and have:
        best = min(have, key=lambda who: statistics.median(ours_of[who]))
        cells.append(f"{ratio(ours, ours_of[best])} {best}")
    return [title, *cells]


def shares(r, others):
    """The section of ratios."""
    out = ["", "## gokeras' time as a share of Keras's", "", "Below 1, gokeras is faster. Medians of the rounds' ratios (least–most)."]
    header = ["", *others] + (["best of Keras"] if len(others) > 1 else [])
    for model, measures in r["times"].items():
        rows = [ratios(title, measures[measure], others) for measure, title in ROWS.items() if measure in measures]
        if "call_one" in measures and "gokeras" in measures["call_one"]:
            served = {**measures["predict_one"], "gokeras": measures["call_one"]["gokeras"]}
            rows.append(ratios("a `Predictor` beside `predict` of one sample", served, others))
        for column, (title, _, _) in FRESH.items():
            if model in r["fresh"] and column != "second":
                rows.append(ratios(title, by_who(r["fresh"][model], column), others))
        out += ["", f"### {model}", "", *table(header, [row for row in rows if row])]
    return out


def markdown(r):
    m, s = r["machine"], r["settings"]
    everyone = list(r["versions"])
    others = [who for who in everyone if who != "gokeras"]
    out = [f"# gokeras beside Keras, {r['date'][:10]}", ""]
    cpus = f"{m['cpus_used']} CPUs" + ("" if m["cpus_used"] == m["cpus"] else f" of {m['cpus']}")
    simd = f" ({', '.join(m['simd'])})" if m.get("simd") else ""
    out += [f"- Machine: {m.get('cpu', 'unknown CPU')}{simd}, {cpus}, {m['memory_gb']} GB, {m['system']} {m['architecture']}."]
    out += [f"- Load average when the rounds began: {', '.join(f'{v:.1f}' for v in r['load'])}. Idle workers add nothing to it; the worker that is measured does."]
    if r.get("note"):
        out += [f"- {r['note']}"]
    for who, hello in r["versions"].items():
        if who == "gokeras":
            g, e = r["gokeras"], hello["machine"]
            modules = ", ".join(f"{path.rsplit('/', 1)[-1]} {version}" for path, version in g.get("modules", {}).items())
            out += [f"- gokeras {g.get('revision') or g['version']}: engine {e['engine']}, {g['go']}, {modules}."]
        else:
            out += [f"- Keras on {who}: {', '.join(f'{k} {v}' for k, v in hello['versions'].items())}."]
    if r["left_out"]:
        out += [f"- Not installed here, so left out: {', '.join(r['left_out'])}."]
    out += [f"- Left out of {model}: {' '.join(message.split())}." for model, message in r.get("refused", [])]
    steps = ", ".join(f"{model} {n}" for model, n in r["steps"].items())
    batches = r.get("batches") or {model: s["batch"] for model in r["steps"]}
    sizes = str(s["batch"]) if set(batches.values()) == {s["batch"]} else ", ".join(f"{model} {n}" for model, n in batches.items())
    out += [f"- Batches of {sizes}; float32, Adam; steps timed together: {steps}; {len(r['load'])} interleaved rounds."]
    if "gokeras" in everyone and others:
        out += shares(r, others)
    out += ["", "## Times", "", "Milliseconds, medians (least–most)."]
    for model, measures in r["times"].items():
        rows = []
        for measure, title in {**ROWS, "bare": "the executable of gokeras' `fit` alone"}.items():
            if measure in measures:
                rows.append([title, *(spread(measures[measure][who], 1e3) if who in measures[measure] else "" for who in everyone)])
        for column, (title, unit, scale) in FRESH.items():
            if model in r["fresh"]:
                values = by_who(r["fresh"][model], column)
                if not values:
                    continue
                rows.append([f"{title}, {unit}", *(spread(values[who], scale) if who in values else "" for who in everyone)])
        out += ["", f"### {model}", "", *table(["", *everyone], rows)]
        if "bare" in measures:
            over = [100 * (a / b - 1) for a, b in zip(measures["fit"]["gokeras"], measures["bare"]["gokeras"])]
            out += ["", f"gokeras' `fit` over its bare executable: {statistics.median(over):+.1f} % ({min(over):+.1f} to {max(over):+.1f})."]
    if r["fresh"]:
        out += ["", f"Peak memory is that of a fresh process that trained on {s['memory_samples']} samples held in memory, of the families on five batches."]
    return "\n".join(out) + "\n"
