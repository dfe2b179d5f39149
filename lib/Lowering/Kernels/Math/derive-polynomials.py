#!/usr/bin/env python3
"""Prints the coefficients of the polynomials in this folder. Needs mpmath.

Remez exchange on a Chebyshev grid: minimises max |w(x) (f(x) - sum c_k x^k)| over [a, b], then rounds the
coefficients to the type, the lowest m one by one with the rest fitted again, for the m that ends best.
"""
from mpmath import asin, atan, cos, erf, erfc, exp, expm1, frexp, ldexp, log, log1p, lu_solve, matrix, mp, mpf, nint, pi
from mpmath import sin, sqrt, tanh

mp.dps = 50
LN2 = log(2)


def round_to(x, bits):
    mantissa, exponent = frexp(x)
    return ldexp(nint(ldexp(mantissa, bits)), exponent - bits)


def remez(f, w, powers, a, b, size=400):
    n = len(powers)
    grid = sorted((a + b) / 2 + (b - a) / 2 * cos(pi * (2 * i + 1) / (2 * size)) for i in range(size))
    values, weights = [f(x) for x in grid], [abs(w(x)) for x in grid]
    basis = [[x**k for k in powers] for x in grid]
    points = [(size - 1) * i // n for i in range(n + 1)]
    for _ in range(12):
        rows = [[weights[i] * p for p in basis[i]] + [(-1) ** r] for r, i in enumerate(points)]
        solution = lu_solve(matrix(rows), matrix([weights[i] * values[i] for i in points]))
        coefficients = list(solution)[:n]
        errors = [weights[i] * (values[i] - sum(c * p for c, p in zip(coefficients, basis[i]))) for i in range(size)]
        extrema = []
        for i in range(size):
            if extrema and (errors[i] > 0) == (errors[extrema[-1]] > 0):
                if abs(errors[i]) > abs(errors[extrema[-1]]):
                    extrema[-1] = i
            else:
                extrema.append(i)
        while len(extrema) > n + 1:
            extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
        if len(extrema) <= n or extrema == points:
            break
        points = extrema
    return coefficients


def fit(name, f, w, count, a, b, bits):
    a, b = mpf(a), mpf(b)
    grid = [x for x in (a + (b - a) * i / 499 for i in range(500)) if x != 0]
    best, fixed = None, []
    for m in range(min(5, count - 1)):
        rest = remez(lambda x: f(x) - sum(c * x**k for k, c in enumerate(fixed)), w, range(m, count), a, b)
        trial = fixed + [round_to(c, bits) for c in rest]
        error = max(abs(w(x) * (f(x) - sum(c * x**k for k, c in enumerate(trial)))) for x in grid)
        if best is None or error < best[0]:
            best = (error, trial)
        fixed.append(trial[m])
    print(f"{name}  (error 2^{float(log(best[0], 2)):.1f})\n  " + ", ".join(float(c).hex() for c in best[1]))


def of_square(f):
    """g(t) = (f(x)/x - 1)/t and its weight, for odd f with slope 1 and t = x^2."""
    ratio = lambda t: f(sqrt(t)) / sqrt(t)
    return lambda t: (ratio(t) - 1) / t, lambda t: t / ratio(t)


TINY = "1e-8"
exp_tail = lambda r: (exp(r) - 1 - r) / r**2
log_tail = lambda f: (log1p(f) - f + f * f / 2) / f**3
erf_ratio = lambda t: erf(sqrt(t)) / sqrt(t)
erfc_root = lambda x: (erfc(x) ** mpf(0.25) - 1) / x
erfc_weight = lambda x: 4 * erfc(x) ** mpf(0.75) * x
fit("tail32", exp_tail, lambda r: r * r * exp(-r), 5, -LN2 / 2, LN2 / 2, 24)
fit("tail64", exp_tail, lambda r: r * r * exp(-r), 10, -LN2 / 2, LN2 / 2, 53)
fit("expm1Tail", exp_tail, lambda r: r * r / expm1(r), 5, -LN2 / 2, LN2 / 2, 24)
fit("exp2Tail", lambda r: (2**r - 1) / r, lambda r: r * 2**-r, 6, -0.5, 0.5, 24)
fit("exp2ShortTail", lambda r: (2**r - 1) / r, lambda r: r * 2**-r / (1 + 2 * LN2 * abs(r)), 5, -0.5, 0.5, 24)
fit("exp2Fraction", lambda r: 2**r, lambda r: 2**-r, 6, 0, 1, 24)
fit("logTail", log_tail, lambda f: f**3 / log1p(f), 8, -mpf(1) / 3, mpf(1) / 3, 24)
fit("log1pTail", log_tail, lambda f: f**3 / log1p(f), 8, -0.25, 0.5, 24)
fit("log2Tail", lambda f: (log1p(f) - f) / LN2 / f**2, lambda f: f**2 / log1p(f), 9, -mpf(1) / 3, mpf(1) / 3, 24)
fit("log64", lambda t: (log((1 + sqrt(t)) / (1 - sqrt(t))) / sqrt(t) - 2) / t, lambda t: t, 7, "1e-12", 0.02945, 53)
fit("tanh32", *of_square(tanh), 4, TINY, (LN2 / 2) ** 2 * mpf(1.01), 24)
fit("tanh64", *of_square(tanh), 8, TINY, (LN2 / 2) ** 2 * mpf(1.01), 53)
fit("erfNear32", lambda t: erf_ratio(t) - 1, lambda t: 1 / erf_ratio(t), 7, TINY, 1, 24)
fit("erfNear64", lambda t: erf_ratio(t) - 1, lambda t: 1 / erf_ratio(t), 13, TINY, 1, 53)
fit("erfFar32", erfc_root, erfc_weight, 9, "0.99", "3.93", 24)
fit("erfcRoot32", erfc_root, erfc_weight, 10, "1e-6", "3.93", 24)
fit("erfFar64", erfc_root, erfc_weight, 22, 1, "5.95", 53)
fit("sinTail", *of_square(sin), 5, TINY, (pi / 4) ** 2 * mpf(1.01), 53)
fit("cosTail", lambda t: (cos(sqrt(t)) - 1) / t, lambda t: t, 6, TINY, (pi / 4) ** 2 * mpf(1.01), 53)
fit("atanTail", *of_square(atan), 12, TINY, 1, 53)
fit("asinTail", *of_square(asin), 9, TINY, "0.2501", 53)
fit("sinTail64", *of_square(sin), 7, TINY, (pi / 4) ** 2 * mpf(1.01), 53)
fit("cosTail64", lambda t: (cos(sqrt(t)) - 1 + t / 2) / t**2, lambda t: t**2, 6, TINY, (pi / 4) ** 2 * mpf(1.01), 53)
fit("atanTail64", *of_square(atan), 22, TINY, 1, 53)
fit("asinTail64", *of_square(asin), 14, TINY, "0.2501", 53)
log_ratio = lambda z: log((1 + sqrt(z)) / (1 - sqrt(z))) / sqrt(z)
fit("logRest", lambda z: (log_ratio(z) - 2 - z * 2 / 3) / z**2, lambda z: z**2, 7, "1e-10", 0.02945, 53)
