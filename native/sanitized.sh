#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Builds hook and addon with AddressSanitizer and UndefinedBehaviorSanitizer into build/sanitized, a tree that is laid
# out as the project is: its dist finds its own addon, its hook finds its own dist.
#
# Whoever loads them needs the sanitizer's runtime first: LD_PRELOAD, see test/run.mjs.
set -euo pipefail
cd "$(dirname "$0")/.."

export CMAKE_BUILD_PARALLEL_LEVEL JOBS
CMAKE_BUILD_PARALLEL_LEVEL=$(nproc) JOBS=max
# At -O3 with all that -g writes, compiling takes twice as long. Stack traces have function and line all the same.
export CXXFLAGS='-O1 -g1'
tree=build/sanitized
mkdir -p "$tree/build"

node_modules/.bin/cmake-js build --directory native --out "$tree/build/hook" --CDSANITIZE=ON \
    --CDCMAKE_CXX_FLAGS_RELEASE=-DNDEBUG

rm -rf "$tree/dist"
cp -r dist "$tree/dist"
cp binding.gyp package.json "$tree/"
ln -sfn ../../native "$tree/native"
mkdir -p "$tree/test"
ln -sfn ../../../test/native "$tree/test/native"
(cd "$tree" && bash native/node-gyp.sh configure build --sanitize=true --tests=true)
