"""Small models of subgraphs, sequences, optionals, functions, open dims and sizes from data, as text."""
import numpy as np
import onnx.parser

HEAD = '<ir_version: 10, opset_import: ["" : 21, "local" : 1]>'

BRANCHES = """branches (bool c, bool d, float[n,4] x, float[n,4] z) => (float[a,b] y, float[n,4] w) {
    two = Constant<value = float {2.0}>()
    y = If (c) <then_branch = t () => (r) { r = Concat<axis = 0>(x, z) }, else_branch = e () => (r) {
        m = Sub(x, two)
        r = If (d) <then_branch = et () => (q) { q = Transpose(m) }, else_branch = ee () => (q) { q = MatMul(m, k) }> }>
    w = If (yes) <then_branch = kt () => (r) { r = Softmax(x) }, else_branch = ke () => (r) { r = Relu(z) }>
}"""

LOOPS = """loops (int64 m, float[n] x, float[n,3] s) => (float[k] y, float[m,n] all, float[3] last, float[n,3] each) {
    y, all = Loop (m, "", x) <body = b (int64 i, bool go, float[l] a) => (bool on, float[l] r, float[n] o) {
        f = Cast<to = 1>(i)
        o = Mul(x, f)
        h = ReduceSum<keepdims = 0>(a)
        on = Less(h, most)
        r, never = Loop (three, go, a) <body = c (int64 j, bool going, float[l] d) => (bool further, float[l] q, float p) {
            further = Identity(going)
            q = Concat<axis = 0>(d, x)
            p = ReduceMax<keepdims = 0>(q) }> }>
    zero = Constant<value = float[3] {0.0, 0.0, 0.0}>()
    last, each = Scan <num_scan_inputs = 1, scan_input_directions = [1], body = s (float[3] u, float[3] e) => (float[3] v, float[3] g) {
        v = Add(u, e)
        g = Tanh(v) }> (zero, s)
}"""

SEQUENCES = """sequences (seq(float[r,3]) s, float[n,3] x, int64 at, optional(float[4]) o, optional(seq(float[j])) p)
        => (seq(float[r,3]) t, float[k,3] a, float[l,3] b, int64 c, bool d, float[4] e, seq(float[j]) f) {
    u = SequenceInsert(s, x, at)
    t = SequenceErase(u)
    a = SequenceAt(s, at)
    b = ConcatFromSequence<axis = 0>(u)
    v = SplitToSequence<axis = 0>(x, two)
    pair = SequenceConstruct(x, x)
    w = SequenceMap(pair) <body = m (float[q,3] h) => (float[q,3] g) { g = Neg(h) }>
    c = SequenceLength(w)
    d = OptionalHasElement(o)
    e = OptionalGetElement(o)
    f = OptionalGetElement(p)
}"""

FUNCTIONS = """functions (float[n,4] x, float[4] g) => (float[n,4] y) {
    a = local.norm <epsilon = 0.001>(x, g)
    b = local.twice(a)
    y = local.norm(b)
}
<domain: "local", opset_import: ["" : 21, "local" : 1]>
norm <epsilon: float = 0.01>(x, g) => (y) {
    last = Constant<value_ints = [-1]>()
    m = ReduceMean(x, last)
    d = Sub(x, m)
    v = ReduceSumSquare(d, last)
    e = Constant<value_float: float = @epsilon>()
    s = Add(v, e)
    r = Sqrt(s)
    q = Div(d, r)
    n = local.twice(q)
    y = Sum(n, g)
}
<domain: "local", opset_import: ["" : 21]>
twice (x) => (y) {
    c = Constant<value = bool {1}>()
    y = If (c) <then_branch = t () => (r) { r = Add(x, x) }, else_branch = e () => (r) { r = Identity(x) }>
}"""

SELECTION = """selection (float[n] x, float[n,4] boxes, bool[n] which, int64[1] k) => (int64[1,a] p, float[b,4] c, float[d] u, float[e] t, int64[f,3] s) {
    p = NonZero(x)
    c = Compress<axis = 0>(boxes, which)
    u, ui, uj, uc = Unique<sorted = 1>(x)
    t, ti = TopK<axis = 0>(u, k)
    axes = Constant<value_ints = [0]>()
    b3 = Unsqueeze(boxes, axes)
    two = Constant<value_ints = [0, 1]>()
    s3 = Unsqueeze(x, two)
    s = NonMaxSuppression(b3, s3, k, half, half)
}"""

OPEN = """opened (float[n,c,h,w] x, int64[n,l] ids) => (float[n,o] y, float[n,l,8] e) {
    r = Conv<pads = [1,1,1,1], strides = [2,2]>(x, filter)
    p = GlobalAveragePool(r)
    y = Flatten(p)
    g = Gather(table, ids)
    shape = Shape<start = 0, end = 2>(ids)
    rest = Constant<value_ints = [2, -1]>()
    to = Concat<axis = 0>(shape, rest)
    q = Reshape(g, to)
    back = Constant<value_ints = [0, 0, -1]>()
    e = Reshape(q, back)
}"""

QUANTIZED = """quantized (float[2,3,6,6] x, uint8[2,8] a) => (float[2,4,6,6] y, int32[2,5] m, uint8[2,5] q) {
    xq = QuantizeLinear(x, scale, zero)
    wd = DequantizeLinear<axis = 0>(wq, scales, zeros)
    xd = DequantizeLinear(xq, scale, zero)
    y = Conv<pads = [1,1,1,1]>(xd, wd)
    m = MatMulInteger(a, b, zero)
    q = QLinearMatMul(a, scale, zero, b, scale, zb, scale, zero)
}"""

RECURRENT = """recurrent (float[s,2,3] x, int32[2] lengths) => (float[s,2,2,4] y, float[2,2,4] h, float[1,2,4] g) {
    y, h, c = LSTM<hidden_size = 4, direction = "bidirectional">(x, w, r, "", lengths)
    v = GRU<hidden_size = 4, linear_before_reset = 1>(x, wg, rg)
    last = Constant<value_ints = [-1]>()
    t = Gather<axis = 0>(v, last)
    back = Constant<value_ints = [0]>()
    g = Squeeze(t, back)
}"""


def weights(seed):
    """What the texts leave to initializers."""
    rng = np.random.default_rng(seed)

    def floats(*shape):
        return (rng.standard_normal(shape) / 4).astype(np.float32)

    return {
        BRANCHES: {"k": floats(4, 4), "yes": np.array(True)},
        LOOPS: {"three": np.array(3), "most": np.array(100, np.float32)},
        SEQUENCES: {"two": np.array(2)},
        FUNCTIONS: {},
        SELECTION: {"half": np.array(0.5, np.float32)},
        OPEN: {"filter": floats(8, 3, 3, 3), "table": floats(20, 8)},
        QUANTIZED: {"scale": np.array(0.1, np.float32), "zero": np.array(128, np.uint8), "zb": np.array(0, np.int8),
                    "wq": rng.integers(-9, 9, (4, 3, 3, 3)).astype(np.int8), "scales": np.abs(floats(4)),
                    "zeros": np.zeros(4, np.int8), "b": rng.integers(-9, 9, (8, 5)).astype(np.int8)},
        RECURRENT: {"w": floats(2, 16, 3), "r": floats(2, 16, 4), "wg": floats(1, 12, 3), "rg": floats(1, 12, 4)},
    }


def all_models():
    models = []
    for text, constants in weights(7).items():
        model = onnx.parser.parse_model(HEAD + text)
        model.graph.initializer.extend(onnx.numpy_helper.from_array(array, name) for name, array in constants.items())
        models.append(model)
    return models
