#!/usr/bin/env python3
"""Latency of ONNX models on Lambent and on its peers, measured in interleaved rounds.

usage: bench.py MODEL.onnx|FOLDER ... [--engines lambent,ort,ov] [--threads 1,2] [--rounds 7] [--cold] [--json OUT]
                [--write PAGE.md] [--lambent PATH]

Models must have static shapes. Lambent and OpenVINO compute NAME_bf16 with operands of products rounded to bf16; ONNX
Runtime, which does not, in f32. NAME.json beside a model may give {"inputs": {input: [low, high]}} for the ranges of
integer inputs; inputs are seeded and the same for every engine. Each engine runs in a process of its own; the engines
of a model take turns (A B C, B C A, ...), so that a noisy machine disturbs all alike. Of each round the fastest run
counts; the figure is the median over rounds, and `ratio` the median over rounds of (best peer / Lambent) in that round:
above 1 Lambent is faster. With --cold other work takes all caches before each run, and the median of a round counts.
--write puts the table into a page of docs, in the place of the one that has the CPU's name. Outputs are compared with ONNX Runtime's. The table is
Markdown; shares are of the multiply-add peak that `lambent bench` measures on one core, times the threads.
Engines: lambent, ort, ov.
"""
import argparse
import glob
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

import engines
import page


class Worker:
    """An engine in its own process, spoken to in JSON lines."""

    def __init__(self, name, model, threads, args):
        env = dict(os.environ, OMP_NUM_THREADS=str(threads), LAMBENT=args.lambent)
        self.p = subprocess.Popen([sys.executable, os.path.abspath(__file__), "--worker", name, "--threads", str(threads), *(["--cold"] if args.cold else []), model],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env)
        self.info = self.read()

    def read(self):
        line = self.p.stdout.readline()
        return json.loads(line) if line else {"error": f"process ended with {self.p.wait()}"}

    def ask(self, **command):
        self.p.stdin.write(json.dumps(command) + "\n")
        self.p.stdin.flush()
        return self.read()

    def quit(self):
        self.p.kill()
        self.p.wait()


def serve(name, model, threads, cold):
    real = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    def say(**k):
        real.write(json.dumps(k) + "\n")
        real.flush()
    try:
        t = time.perf_counter()
        precision = "bf16" if model.endswith("_bf16.onnx") else "f32"
        e = engines.ENGINES[name](model, threads, engines.inputs(model), precision)
        between = engines.OtherWork(threads) if cold else None
        say(load_s=time.perf_counter() - t, version=e.version)
        for line in sys.stdin:
            c = json.loads(line)
            if c["cmd"] == "time":
                best_ms = e.best_ms(c["seconds"], between)
                say(best_ms=best_ms, facts=e.facts)
            else:
                np.savez(c["path"], *e.outputs())
                say(ok=True)
    except Exception as ex:
        say(error=f"{type(ex).__name__}: {' '.join(str(ex).split())[:400]}")


def difference(ref, got):
    """largest |difference| over the largest |reference| of the same output, over all outputs"""
    if [r.shape for r in ref] != [g.shape for g in got]:
        return float("inf")
    rel = 0.0
    for r, g in zip(ref, got):
        r, g = r.astype(np.float64), g.astype(np.float64)
        rel = max(rel, float(np.max(np.abs(r - g)) / max(np.max(np.abs(r)), 1e-30))) if r.size else rel
    return rel


def measure(model, threads, args):
    result, live = {}, {}
    for name in args.engines.split(","):
        w = Worker(name, model, threads, args)
        result[name] = dict(w.info)
        if "error" in w.info:
            w.quit()
        else:
            live[name] = w
    rounds, facts = [], []
    for r in range(args.rounds):
        row, order = {}, list(live)
        for name in order[r % max(len(order), 1):] + order[:r % max(len(order), 1)]:
            time.sleep(0.05)  # lets the previous engine's spinning threads go to sleep
            got = live[name].ask(cmd="time", seconds=args.seconds)
            if "error" in got:
                result[name]["error"] = got["error"]
                live.pop(name).quit()
            else:
                row[name] = got["best_ms"]
                facts.append(got["facts"])
        rounds.append(row)
    with tempfile.TemporaryDirectory() as tmp:
        outs = {}
        for name, w in live.items():
            p = os.path.join(tmp, name + ".npz")
            if "error" not in w.ask(cmd="outputs", path=p):
                z = np.load(p)
                outs[name] = [z[k] for k in z.files]
            w.quit()
        for name in outs:
            if "ort" in outs:
                result[name]["difference"] = difference(outs["ort"], outs[name])
    facts = [f for f in facts if f]
    if facts:  # the work and the machine's peak, as Lambent counts and measures them, hold for all engines
        result["gflop"] = facts[0]["gflop"]
        result["peak_gflops"] = statistics.median(f["peak_gflops"] for f in facts)
        result["compile_s"] = facts[0]["compile_s"]
    for name in live:
        result[name]["ms"] = statistics.median(row[name] for row in rounds if name in row)
    peers = [n for n in live if n in ("ort", "ov")]
    if "lambent" in live and peers:
        result["ratio"] = statistics.median(min(row[p] for p in peers if p in row) / row["lambent"] for row in rounds if "lambent" in row)
    return result


TITLES = {"lambent": "Lambent", "ort": "ONNX Runtime", "ov": "OpenVINO"}


def row(name, threads, r, names):
    """One line of the table. A share counts the time of all threads."""
    def cell(engine):
        if "ms" not in engine:
            return "failed: " + engine.get("error", "?")[:60].replace("|", "/")
        text = f"{engine['ms']:.3f}"
        if r.get("gflop"):
            text += f" ({100 * r['gflop'] / (engine['ms'] * 1e-3 * r['peak_gflops'] * threads):.0f} %)"
        return text

    ratio = f"{r['ratio']:.2f}" if "ratio" in r else "-"
    return (f"| {name} | {r.get('gflop', float('nan')):.2f} | {threads} | " + " | ".join(cell(r[n]) for n in names) +
            f" | {ratio} | {r.get('lambent', {}).get('difference', float('nan')):.1e} |")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("models", nargs="+")
    p.add_argument("--engines", default="lambent,ort,ov")
    p.add_argument("--threads", default="1,2")
    p.add_argument("--rounds", type=int, default=7)
    p.add_argument("--seconds", type=float, default=0.3, help="timed runs per engine and round, at least one run")
    p.add_argument("--cold", action="store_true")
    p.add_argument("--json")
    p.add_argument("--write")
    p.add_argument("--lambent", default=os.environ.get("LAMBENT", "lambent"))
    p.add_argument("--worker", help=argparse.SUPPRESS)
    a = p.parse_args()
    if a.worker:
        return serve(a.worker, a.models[0], int(a.threads), a.cold)
    models = [f for m in a.models for f in (sorted(glob.glob(os.path.join(m, "*.onnx"))) if os.path.isdir(m) else [m])]
    names, report, ratios = a.engines.split(","), {}, []
    lines = []

    def say(text):
        lines.append(text)
        print(text, flush=True)

    say("| model | GFLOP | threads | " + " | ".join(f"{TITLES[n]} ms (share of peak)" for n in names) +
        " | best peer / Lambent | difference |\n|" + " --- |" * (len(names) + 5))
    for m in models:
        for t in map(int, a.threads.split(",")):
            r = measure(m, t, a)
            name = os.path.basename(m)[:-5]
            report.setdefault(name, {})[t] = r
            say(row(name, t, r, names))
            if "ratio" in r:
                ratios.append(r["ratio"])
            if a.json:
                with open(a.json, "w") as f:
                    json.dump(report, f, indent=1)
    if ratios:
        say(f"\ngeometric mean of {len(ratios)} ratios: {statistics.geometric_mean(ratios):.3f}, lowest {min(ratios):.3f}")
    if a.write:
        page.replace_section(a.write, page.machine() + (", cold" if a.cold else ""), "\n".join(lines))


if __name__ == "__main__":
    sys.exit(main())
