#!/bin/sh
# Reproduces the tables of docs/adr/0002-layer-variant.md and fills their gaps: every run, one after another, each appended to RESULTS as a line of JSON.
#
#   bench/ablation/run.sh TINYSHAKESPEARE RESULTS [WIKITEXT2_VALIDATION]
#
# Then bench/ablation/layer.py --table RESULTS prints the tables. One and a half to two minutes a run on one core.
set -eu
text=${1:?usage: run.sh TEXT RESULTS [SECOND_TEXT]}
results=${2:?usage: run.sh TEXT RESULTS [SECOND_TEXT]}
second=${3:-}
here=$(dirname "$0")

python=${PYTHON:-/usr/bin/python3} # one that has torch and numpy

run() { "$python" "$here/layer.py" --results "$results" "$@"; }

# 1. The recipe, on the layer that was specified first (one seed each).
for recipe in \
  '--batch 4 --muon-lr 0.02 --momentum 0.95 --decay 0.5' \
  '--batch 4 --muon-lr 0.04 --adam-lr 0.008 --momentum 0.95 --decay 0.5' \
  '--batch 4 --muon-lr 0.015' \
  '--muon-lr 0.02 --momentum 0.95 --decay 0.5' \
  '--momentum 0.95 --decay 0.5' \
  '--momentum 0.95 --decay 0.75' \
  '--momentum 0.95 --decay 1' \
  '--decay 0.5' \
  '--adam-lr 0.008 --momentum 0.95 --decay 0.5' \
  '--adam-lr 0.002 --momentum 0.95 --decay 0.5' \
  '--clip 0 --momentum 0.95 --decay 0.5' \
  '--wd 0.1 --momentum 0.95 --decay 0.5' \
  '--slots-muon' \
  '--opt adamw'; do
  # shellcheck disable=SC2086
  run --text "$text" --tokens 332800 --variant D1 --bz chrono $recipe
done

# 2. The layer, with the recipe fixed: the definitions, then every other switch on the one that was decided on, and the convolutions on the first.
for seed in 0 1 2; do
  for layer in '--variant D1' '--variant D2' '--variant D3' '--variant D4' '--variant D1 --conv silu-sum' '--variant D1 --conv none' \
    '--conv silu-sum' '--conv none' '--bz zero' '--x0' '--softcap 15'; do
    # shellcheck disable=SC2086
    run --text "$text" --tokens 332800 --seed "$seed" $layer
  done
done

# 3. The whole text once.
for seed in 0 1 2; do
  for variant in D1 D2 D4; do run --text "$text" --tokens 999424 --seed "$seed" --variant "$variant"; done
done

# 4. A second text.
if [ -n "$second" ]; then
  for seed in 0 1 2; do
    for variant in D1 D2; do run --text "$second" --tokens 332800 --seed "$seed" --variant "$variant"; done
  done
fi
