#!/bin/sh
# Compiles the CUDA kernels.
#
#   build.sh module FOLDER    with nvcc: FOLDER/tilework.fatbin, for the jar, and FOLDER/../ptxas.txt, what the assembler says of each
#                             kernel (registers, shared memory, spills)
#   build.sh stand-in FOLDER  with g++ alone, for tests: FOLDER/libcuda.so.1, a driver that runs kernels on the CPU, FOLDER/kernels.so, the
#                             module for it, FOLDER/kernels-checked.so, the same with every access to memory watched, and FOLDER/faults.so,
#                             kernels that are wrong on purpose
#
# Where the compiler is missing, or the sources are older than the result, it says so and does nothing.
set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
kernels=$here/../kernels/cuda
what=$1
mkdir -p "$2"
out=$(cd "$2" && pwd -P)

# Whether $1 is newer than all sources.
fresh() {
  [ -f "$1" ] && [ -z "$(find "$here" "$kernels" -type f -newer "$1" | head -n 1)" ]
}

find_nvcc() {
  for nvcc in "${NVCC:-}" "$(command -v nvcc 2>/dev/null || true)" "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc" /usr/local/cuda/bin/nvcc; do
    if [ -n "$nvcc" ] && [ -x "$nvcc" ]; then
      return 0
    fi
  done
  return 1
}

module() {
  if ! find_nvcc; then
    echo "native: no nvcc here, so this build is without CUDA kernels"
    return
  fi
  if fresh "$out/tilework.fatbin"; then
    return
  fi
  echo "native: compiling the CUDA kernels with nvcc, a minute or two"
  report=$out/../../../ptxas.txt
  # Binary code for Ampere and for Hopper; what is newer compiles the PTX when it first loads it.
  if ! "$nvcc" -std=c++17 -O3 --threads 2 -fatbin -I"$kernels" \
    -gencode arch=compute_80,code=sm_80 -gencode arch=compute_90a,code=sm_90a -gencode arch=compute_80,code=compute_80 \
    -Xfatbin=-compress-all -Xptxas -v "$here/kernels.cu" -o "$out/tilework.fatbin.new" >"$out/ptxas.txt" 2>&1; then
    cat "$out/ptxas.txt" >&2
    exit 1
  fi
  mv "$out/ptxas.txt" "$report"
  mv "$out/tilework.fatbin.new" "$out/tilework.fatbin"
}

# Compiles a module for the stand-in: $1 result, $2 source, further arguments for the compiler.
stand_in_module() {
  result=$1
  source=$2
  shift 2
  "$gxx" -x c++ -std=c++17 -O2 -g -w -fPIC $fma -ffp-contract=off -I"$kernels" -I"$here/sim" "$@" -c "$source" -o "$result.o"
  "$gxx" -shared "$result.o" -o "$result.new" -L"$out" -l:libcuda.so.1
  rm "$result.o"
  mv "$result.new" "$result"
}

stand_in() {
  gxx=$(command -v "${CXX:-g++}" 2>/dev/null) || {
    echo "native: no g++ here, so CUDA is tested only where there is a GPU"
    return
  }
  if fresh "$out/faults.so"; then
    return
  fi
  echo "native: compiling the stand-in for the CUDA driver with g++, a minute or two"
  # Without it, fmaf is a call of the library.
  fma=
  if [ "$(uname -m)" = x86_64 ]; then
    fma=-mfma
  fi
  # shellcheck disable=SC2086 # options are words
  "$gxx" -std=c++17 -O2 -g -Wall -Wextra -fPIC -shared "$here"/sim/*.cpp -o "$out/libcuda.so.1" -Wl,-soname,libcuda.so.1 -ldl
  stand_in_module "$out/kernels.so" "$here/kernels.cu" &
  plain=$!
  stand_in_module "$out/kernels-checked.so" "$here/kernels.cu" -fsanitize=thread,undefined
  wait "$plain"
  stand_in_module "$out/faults.so" "$here/sim/faults.cu" -fsanitize=thread,undefined
}

case $what in
  module) module ;;
  stand-in) stand_in ;;
  *)
    echo "build.sh: $what? expected module or stand-in" >&2
    exit 2
    ;;
esac
