# shellcheck shell=bash disable=SC2034  # colours and counts are for whoever sources this
# What the scripts share. Sourced by bash, never run by itself.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cores=$(nproc 2>/dev/null || echo 2)

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else
    bold='' dim='' green='' red='' plain=''
fi

# One line per step, on stdout.
step() { printf '%s==> %s%s\n' "$bold" "$*" "$plain"; }

die() {
    printf '%s%s: %s%s\n' "$red" "$(basename "$0")" "$*" "$plain" >&2
    exit 1
}

# quietly LOG COMMAND...: keeps what the command prints in LOG and shows it only if it fails.
quietly() {
    local log=$1
    shift
    mkdir -p "$(dirname "$log")"
    if ! "$@" >"$log" 2>&1; then
        grep -E 'error|FAILED|Error' "$log" | head -n 20 >&2 || true
        tail -n 30 "$log" >&2
        die "failed: $* (all of it: $log)"
    fi
}

# build PRESET [TARGET...]: configures and builds below build/PRESET. ccache is used where there is one,
# and told to forget where the tree lies, so that a fresh clone builds from the same cache.
build() {
    local preset=$1 started=$SECONDS
    shift
    local launcher=() targets=()
    if command -v ccache >/dev/null; then
        launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
        export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
    fi
    if [ $# -gt 0 ]; then
        targets=(--target "$@")
    fi
    step "configure $preset"
    (cd "$root" && quietly "$root/build/$preset.configure.log" cmake --preset "$preset" "${launcher[@]}")
    step "build $preset${1:+: $*}"
    (cd "$root" && quietly "$root/build/$preset.build.log" \
        cmake --build --preset "$preset" --parallel "$cores" "${targets[@]}")
    printf '%s    built in %d s%s\n' "$dim" $((SECONDS - started)) "$plain"
}

# need_packages PACKAGE...: installs those that are missing, from the machine's own apt sources.
need_packages() {
    command -v dpkg-query >/dev/null || die "this is not Debian: install the equivalents of: $*"
    local package missing=() as_root=() log apt
    for package in "$@"; do
        if ! dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed; then
            missing+=("$package")
        fi
    done
    if [ ${#missing[@]} -eq 0 ]; then
        step "all $# packages are installed"
        return
    fi
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "run this as root: ${missing[*]} are missing"
        as_root=(sudo)
    fi
    step "install ${missing[*]}"
    log=$(mktemp)
    apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
    quietly "$log" "${apt[@]}" update
    quietly "$log" "${apt[@]}" install --no-install-recommends "${missing[@]}"
    rm -f "$log"
}
