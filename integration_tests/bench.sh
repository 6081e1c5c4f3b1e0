#!/usr/bin/env bash
# Runs the release binary against the simulator and prints one table.
#
#   integration_tests/bench.sh            every case, about 12 minutes
#   integration_tests/bench.sh dense spec the cases whose names hold one of the words
#
# Xero's limits are on except where a case says otherwise, so its runs of 295,000
# rows take their minutes. The output goes through grep, which also reads in time.
set -euo pipefail
cd "$(dirname "$0")/.."

time=/usr/bin/time
[ -x "$time" ] || { echo "bench.sh measures with $time (Debian's package: time)" >&2; exit 2; }

cargo build --release --quiet
bin=${CARGO_TARGET_DIR:-$PWD/target}/release
work=$(mktemp -d)
sim=
trap '[ -z "$sim" ] || kill "$sim"; rm -rf "$work"' EXIT

wanted=("$@")
ran=0

# Whether the case was asked for.
picked() {
    [ ${#wanted[@]} -gt 0 ] || return 0
    local word
    for word in "${wanted[@]}"; do
        [[ $1 != *"$word"* ]] || return 0
    done
    return 1
}

# Starts a simulator with these flags and writes the config and catalog for it.
start() {
    mkfifo "$work/said"
    "$bin/xero-sim" "$@" >"$work/said" &
    sim=$!
    exec 3<"$work/said"
    rm "$work/said"
    local ready
    read -r ready <&3
    # The first of the three configs, which hold the same keys in the same order.
    ready=${ready#*'"configs":['}
    printf '%s\n' "${ready%%',{"api_url"'*}" >"$work/config.json"
    printf '{"streams":[{"stream":{"name":"invoices"},"sync_mode":"incremental"}]}\n' >"$work/catalog.json"
}

stop() {
    kill "$sim"
    wait "$sim" || true
    exec 3<&-
    sim=
}

# The number behind a name in the simulator's account of what it served.
served() {
    [[ $account =~ \"$1\":([0-9]+) ]] && printf '%s' "${BASH_REMATCH[1]}"
}

# Runs the connector and keeps what it says besides records.
run() {
    "$time" -o "$work/cost" -f '%e %U %S %M' "$bin/xero-source" "$@" |
        { grep -v '^{"type":"RECORD"' || true; } >"$work/messages"
}

# One line of the table: the last run, and what the simulator served for it.
line() {
    local name=$1 wall user system memory rows
    account='"calls":0,"refused":0,"sent_bytes":0'
    if [ -n "$sim" ]; then
        kill -USR1 "$sim"
        read -r account <&3
    fi
    read -r wall user system memory < <(tail -n 1 "$work/cost")
    # From the line that ends each stream: "read all of ... (rows=50000, calls=51)".
    rows=$(awk -F'[(]rows=' 'NF > 1 { rows += $2 } END { print rows + 0 }' "$work/messages")
    awk -v name="$name" -v wall="$wall" -v user="$user" -v kernel="$system" -v memory="$memory" \
        -v calls="$(served calls)" -v refused="$(served refused)" -v bytes="$(served sent_bytes)" -v rows="$rows" \
        'BEGIN {
            printf "| %s | %.2f | %.2f | %.1f | %d | %d | %.1f | %d | %d |\n", name, wall, user + kernel,
                memory / 1024, calls, refused, bytes / 1e6, rows, (wall > 0 ? rows / wall : 0)
        }'
    ran=$((ran + 1))
}

# Reads the invoices of a simulator with these flags.
invoices() {
    local name=$1
    shift
    picked "$name" || return 0
    start --only Invoices "$@"
    run read --config "$work/config.json" --catalog "$work/catalog.json"
    line "$name"
    stop
}

echo '| case | wall s | CPU s | peak MB | calls | 429s | MB on the wire | rows | rows/s |'
echo '|---|---|---|---|---|---|---|---|---|'

if picked 'spec'; then
    run spec
    line 'spec'
fi
if picked 'check'; then
    start --rows 10
    run check --config "$work/config.json"
    line 'check'
    stop
fi
invoices '50,000 invoices, no limits' --rows 50000 --no-limits
invoices 'dense: 5,000 in one millisecond' --rows 5000 --dense 5000000
invoices 'dense: 5,000 in one second' --rows 5000 --dense 5000
invoices 'dense: 100,000 at 700 a second' --rows 100000 --dense 700
if picked 'catalogue, nothing changed, 50 ms, no limits'; then
    start --rows 1000 --latency 50 --no-limits --no-reports
    # Reports cost calls by the month, and what hangs on documents costs them by the document.
    sed -i 's/^{/{"max_calls_per_sync":0,/' "$work/config.json"
    run discover --config "$work/config.json"
    # Every stream that is offered, incrementally where it can be.
    grep -o '"name":"[a-z_]*","json_schema"' "$work/messages" | cut -d '"' -f 4 |
        awk '{ printf "%s{\"stream\":{\"name\":\"%s\"},\"sync_mode\":\"incremental\"}", (NR > 1 ? "," : "{\"streams\":["), $1 } END { print "]}" }' \
            >"$work/catalog.json"
    run read --config "$work/config.json" --catalog "$work/catalog.json"
    grep '^{"type":"STATE"' "$work/messages" >"$work/state.json"
    line 'catalogue, first read, 50 ms, no limits'
    run read --config "$work/config.json" --catalog "$work/catalog.json" --state "$work/state.json"
    line 'catalogue, nothing changed, 50 ms, no limits'
    stop
fi
invoices '295,000 invoices, 0 ms' --rows 295000
invoices '295,000 invoices, 3,000 ms' --rows 295000 --latency 3000

[ "$ran" -gt 0 ] || { echo "no case is named like that" >&2; exit 2; }
