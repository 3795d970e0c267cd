#!/bin/sh
# Install every peer that the benchmarks measure beside dilcli: programs and a photograph from Debian
# or Ubuntu, Python packages from PyPI into .venv beside this folder, or into the one named here:
#
#     benchmarks/peers.sh [VENV]
#
# PyPI's PyTorch for Linux brings 4 GB of CUDA that nothing here uses. TORCH_INDEX may name an index
# with its small build for processors, https://download.pytorch.org/whl/cpu
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
venv=${1:-$root/.venv}
packages="libvips-tools imagemagick graphicsmagick gmic hyperfine lomiri-wallpapers-16.04"

sudo=
if [ "$(id -u)" -ne 0 ]; then sudo=sudo; fi
$sudo apt-get update -q
# shellcheck disable=SC2086  # a list of words
$sudo apt-get install -q -y --no-install-recommends $packages

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
if [ -n "${TORCH_INDEX-}" ]; then
    "$venv/bin/pip" install -q --index-url "$TORCH_INDEX" torch
fi
"$venv/bin/pip" install -q -e "$root[bench]"
echo "now: $venv/bin/python benchmarks/commands.py --quick"
