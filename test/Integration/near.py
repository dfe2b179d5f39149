"""Whether tensors agree: within a tolerance of the reference, or bit for bit."""
import numpy as np


def difference(wanted, found, rtol, atol, scaled=True):
    """None if `found` is near enough, else why not. With `scaled`, atol counts in the reference's largest value."""
    if found.shape != wanted.shape:
        return f"shape {list(found.shape)}, expected {list(wanted.shape)}"
    if found.dtype != wanted.dtype:
        return f"type {found.dtype}, expected {wanted.dtype}"
    if not np.issubdtype(wanted.dtype, np.floating):
        differing = int((wanted != found).sum())
        return f"{differing} of {wanted.size} elements differ" if differing else None
    wanted, found = wanted.astype(np.float64), found.astype(np.float64)
    special = ~np.isfinite(wanted)
    if not np.array_equal(wanted[special], found[special], equal_nan=True):
        return "infinities or NaNs differ"
    wanted, found = wanted[~special], found[~special]
    if not np.isfinite(found).all():
        return "not finite where the reference is"
    scale = float(np.abs(wanted).max(initial=0.0)) if scaled else 1.0
    error = np.abs(wanted - found)
    excess = error - (rtol * np.abs(wanted) + atol * scale)
    if excess.max(initial=-1.0) <= 0:
        return None
    worst = int(excess.argmax())
    return (f"{int((excess > 0).sum())} of {wanted.size} elements off, worst {found[worst]:.9g} for {wanted[worst]:.9g} "
            f"(largest {scale:.3g})")


def same_bits(first, second):
    """Whether two tensors are equal in every bit, NaNs included."""
    return first.dtype == second.dtype and first.shape == second.shape and first.tobytes() == second.tobytes()
