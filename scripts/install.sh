#!/usr/bin/env bash
# Installs what building and testing need: Debian packages (as root, and only those that are missing) and, in
# build/venv, the Python packages that hold the ONNX protocol, the reference results and the pictures' reader.
#
#   scripts/install.sh                 everything; quick when all is there
#   scripts/install.sh FILE.txt        also the Python packages that FILE lists
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(clang-22 lld-22 llvm-22-dev llvm-22-tools mlir-22-tools libmlir-22-dev libclang-rt-22-dev
          libprotobuf-dev protobuf-compiler libgtest-dev libbenchmark-dev
          cmake ninja-build ccache g++ git pkg-config python3 python3-venv zlib1g-dev libzstd-dev ca-certificates)

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "install.sh: these Debian packages are missing, and only root can install them: ${missing[*]}" >&2
    exit 1
  fi
  echo "Installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# The venv remembers which lists it was filled from, so that a second run asks the network nothing.
venv=build/venv
if [ ! -x $venv/bin/python ]; then
  mkdir -p build
  /usr/bin/python3 -m venv $venv
fi
for list in scripts/requirements.txt "$@"; do
  stamp=$venv/$(echo "$list" | tr / _).installed
  if ! cmp -s "$list" "$stamp"; then
    echo "Installing the Python packages of $list"
    $venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$list"
    cp "$list" "$stamp"
  fi
done
