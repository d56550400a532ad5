#!/usr/bin/env bash
# Compiles the parsers with libFuzzer's instrumentation and feeds them for a while.
# usage: fuzz.sh [seconds] [seed]; a finding is left in .build/fuzz/findings
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-30}
seed=${2:-20261121}
out=.build/fuzz
mkdir -p $out/corpus $out/findings
flags=(-swift-version 6 -package-name grayling -parse-as-library -sanitize=fuzzer -O -enforce-exclusivity=checked -I "$out" -I Sources/System/CCrypto
    -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature ExistentialAny)

module() { # name folder
    swiftc "${flags[@]}" -wmo -module-name "$1" -emit-module -emit-module-path "$out/$1.swiftmodule" -emit-object -o "$out/$1.o" "$2"/*.swift
}
module Core Sources/Core
module Hashing Sources/Hashing
module GitObjects Sources/Formats/GitObjects
swiftc "${flags[@]}" -module-name Fuzz Tests/Fuzz/FuzzParsers.swift "$out"/{Core,Hashing,GitObjects}.o -lcrypto -o "$out/fuzz-parsers"

# A seed for each parser: its number, then something it would accept.
seed_file() { printf "\\x$(printf %02x "$1")$2" >"$out/corpus/seed-$1"; }
seed_file 0 'sub/model.safetensors'
seed_file 1 'acme/whale@1.0.0'
seed_file 2 '\x01\x01\x01\x01\x01\x01\x01\x01bytes=0-99'
seed_file 3 'key=\\n\x00value'
seed_file 4 "$(printf 'a%.0s' {1..64})"
seed_file 5 '100644 a\x0012345678901234567890'
seed_file 6 'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nm\n'
seed_file 7 "version https://git-lfs.github.com/spec/v1\noid sha256:$(printf 'a%.0s' {1..64})\nsize 12\n"
seed_file 8 '*.bin filter=lfs\n!x/** -filter\n'
seed_file 9 'acme/whale@1.0.0:adapter'

if "$out/fuzz-parsers" -seed="$seed" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$out/findings/" "$out/corpus" >"$out/log" 2>&1; then
    grep -E 'number_of_executed_units|DONE' "$out/log"
    echo "=== 10 passed in ${seconds}s ==="
else
    tail -40 "$out/log"
    echo "=== 1 failed, 9 passed in ${seconds}s ==="
    exit 1
fi
