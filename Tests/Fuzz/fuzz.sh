#!/usr/bin/env bash
# Compiles the parsers with libFuzzer's instrumentation and feeds them for a while, in three
# programs: names and git objects, model files, Xet uploads.
# usage: fuzz.sh [seconds] [seed]; a finding is left in .build/fuzz/findings
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-30}
seed=${2:-20261121}
out=.build/fuzz
yams=.build/checkouts/Yams/Sources
mkdir -p $out/findings $out/CBlake3
[ -d $yams ] || swift package resolve
flags=(-swift-version 6 -package-name grayling -parse-as-library -sanitize=fuzzer -O -enforce-exclusivity=checked -I $out -I $out/CBlake3
    -I Sources/System/CCrypto -I Sources/System/CLZ4 -I $yams/CYaml/include
    -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature ExistentialAny)

module() { # name folder
    swiftc "${flags[@]}" -wmo -module-name "$1" -emit-module -emit-module-path $out/"$1".swiftmodule -emit-object -o $out/"$1".o "$2"/*.swift
}
program() { # name source objects and libraries…
    local name=$1 source=$2
    shift 2
    swiftc "${flags[@]}" -module-name "Fuzz" "Tests/Fuzz/$source.swift" "$@" -o "$out/fuzz-$name"
}
# SwiftPM makes this module map by itself.
printf 'module CBlake3 { header "%s" export * }\n' "$PWD/Sources/System/CBlake3/include/cblake3.h" >$out/CBlake3/module.modulemap
for unit in tree batch; do
    clang -O2 -fsanitize=fuzzer-no-link -I Sources/System/CBlake3/include -c Sources/System/CBlake3/$unit.c -o $out/blake3-$unit.o
done
# The YAML library is not what is being tested: without instrumentation.
if [ ! -f $out/Yams.o ]; then
    for unit in $yams/CYaml/src/*.c; do
        clang -O2 -DYAML_DECLARE_STATIC -I $yams/CYaml/include -c "$unit" -o $out/cyaml-"$(basename "$unit")".o
    done
    swiftc -swift-version 5 -O -wmo -parse-as-library -module-name Yams -DSWIFT_PACKAGE -I $yams/CYaml/include \
        -emit-module -emit-module-path $out/Yams.swiftmodule -emit-object -o $out/Yams.o $yams/Yams/*.swift 2>/dev/null
fi
module Core Sources/Core
module Hashing Sources/Hashing
module GitObjects Sources/Formats/GitObjects
module ModelFiles Sources/Formats/ModelFiles
module XetFormat Sources/Formats/XetFormat
program parsers FuzzParsers $out/{Core,Hashing,GitObjects}.o -lcrypto
program model-files FuzzModelFiles $out/{Core,ModelFiles,Yams}.o $out/cyaml-*.o
program xet FuzzXet $out/{Core,XetFormat,blake3-tree,blake3-batch}.o -llz4

# A seed for each reader: its number, then something it would accept.
seed_file() { # program number text
    mkdir -p "$out/corpus-$1"
    printf "\\x$(printf %02x "$2")$3" >"$out/corpus-$1/seed-$2"
}
seed_file parsers 0 'sub/model.safetensors'
seed_file parsers 1 'acme/whale@1.0.0'
seed_file parsers 2 '\x01\x01\x01\x01\x01\x01\x01\x01bytes=0-99'
seed_file parsers 3 'key=\\n\x00value'
seed_file parsers 4 "$(printf 'a%.0s' {1..64})"
seed_file parsers 5 '100644 a\x0012345678901234567890'
seed_file parsers 6 'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nm\n'
seed_file parsers 7 "version https://git-lfs.github.com/spec/v1\noid sha256:$(printf 'a%.0s' {1..64})\nsize 12\n"
seed_file parsers 8 '*.bin filter=lfs\n!x/** -filter\n'
seed_file parsers 9 'acme/whale@1.0.0:adapter'
seed_file model-files 0 '---\nlicense: mit\ntags: [a, "b"]\nbase_model: a/b\nx: {y: 1.5, z: ~}\n---\n# t\n'
seed_file model-files 1 '\x40\x00\x00\x00\x00\x00\x00\x00{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}          '
seed_file model-files 2 '{"metadata":{"total_size":8},"weight_map":{"a":"b.safetensors"}}'
seed_file model-files 3 'GGUF\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00'
# What the public client uploaded, in pieces of 50 bytes.
hex_file() { # number hex
    mkdir -p $out/corpus-xet
    printf '%b' "$(sed 's/../\\x&/g' <<<"$1$2")" >"$out/corpus-xet/seed-$1-$(cksum <<<"$2" | cut -d' ' -f1)"
}
vectors=Tests/XetFormatTests/Vectors
while read -r _ _ _ bytes; do hex_file 0031 "$bytes"; done < <(grep -v '^#' $vectors/xorbs.txt)
hex_file 0131 "$(grep -v '^#' $vectors/shard.txt)"
hex_file 0231 "4752415958434c310100000000000000$(printf '00%.0s' {1..32})01000000"

passed=0
failed=0
run() { # program readers seconds
    if "$out/fuzz-$1" -seed="$seed" -max_total_time="$3" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$out/findings/$1-" "$out/corpus-$1" >"$out/log-$1" 2>&1; then
        printf '%s: %s\n' "$1" "$(grep -E 'number_of_executed_units' "$out/log-$1")"
        passed=$((passed + $2))
    else
        tail -40 "$out/log-$1"
        passed=$((passed + $2 - 1))
        failed=$((failed + 1))
    fi
}
run parsers 10 $((seconds / 3))
run model-files 4 $((seconds / 3))
run xet 3 $((seconds / 3))
if [ $failed -eq 0 ]; then
    echo "=== $passed passed in ${seconds}s ==="
else
    echo "=== $failed failed, $passed passed in ${seconds}s ==="
    exit 1
fi
