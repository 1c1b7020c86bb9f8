# shellcheck shell=bash disable=SC2034,SC2154
# What scripts/verify-unit (in its guest) and scripts/verify-image share: one line per check, and what a
# spool says of its jobs. Needs nothing but bash and coreutils. $spool is set by whoever sources this.

# The sandbox's own keys: they open nothing else.
api_key=5A4DB0C0FFEE5A4DB0C0FFEE5A4DB0
rest_key=5a4db0c0ffee5a4db0c0ffee5a4db0c0

passed=0 failed=0

# check WHAT COMMAND...: a check that fails is counted and shown, and the rest still runs.
check() {
    local what=$1 said
    shift
    if said=$("$@" 2>&1); then
        passed=$((passed + 1))
        echo "ok    $what"
    else
        failed=$((failed + 1))
        echo "FAIL  $what"
        echo "$said" | tail -n 12 | sed 's/^/      /'
    fi
}

closing_line() {
    if [ $failed -eq 0 ]; then
        echo "==> all $passed checks passed"
    else
        echo "==> $failed of $((passed + failed)) checks failed"
        return 1
    fi
}

not() { ! "$@"; }

# within SECONDS COMMAND...: true as soon as the command is.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        if [ $SECONDS -ge $end ]; then
            echo "not within the time: $*"
            return 1
        fi
        sleep 0.1
    done
}

# tokens FIRST COUNT: that many campaign tokens.
tokens() { seq -f '%032.0f' "$1" $(($1 + $2 - 1)); }

job_done() { compgen -G "$spool/done/*-$1*/summary.json" >/dev/null; }
log_of() { cat "$spool"/{active,done}/*-"$1"*/results.jsonl 2>/dev/null; }
has_results() { [ "$(log_of "$1" | wc -l)" -ge "$2" ]; }

# each_once NAME COUNT: exactly one record per token, all of them deleted or gone before.
each_once() {
    local lines unique
    lines=$(log_of "$1" | wc -l)
    unique=$(log_of "$1" | grep -oE '"token":"[^"]+"' | sort -u | wc -l)
    echo "$lines records, $unique tokens"
    [ "$lines" -eq "$2" ] || return 1
    [ "$unique" -eq "$2" ] || return 1
    ! log_of "$1" | grep -vE '"outcome":"(deleted|already_gone)"'
}
