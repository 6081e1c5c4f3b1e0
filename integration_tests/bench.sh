#!/usr/bin/env bash
# Runs the release binary against the simulator and prints one table.
#
#   integration_tests/bench.sh            every case but the longest, about 15 minutes
#   integration_tests/bench.sh dense spec the cases whose names hold one of the words
#
# Xero's limits are on except where a case says otherwise, so its runs of 295,000
# rows take their minutes. The output goes through grep, which also reads in time.
# With several organisations the simulator prepares its answers, which would otherwise
# take more processor time than the connector needs.
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

# Whether a case that takes half an hour was asked for by its name.
picked_by_name() {
    [ ${#wanted[@]} -gt 0 ] && picked "$1"
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
    # The first of the configs, which hold the same keys in the same order.
    ready=${ready#*'"configs":['}
    printf '%s\n' "${ready%%',{"api_url"'*}" >"$work/config.json"
    printf '{"streams":[{"stream":{"name":"invoices"},"sync_mode":"incremental"}]}\n' >"$work/catalog.json"
}

# The same with a config for all organisations of the consent.
start_all() {
    start --prepared "$@"
    sed -i 's/,"tenant_id":"[^"]*"//' "$work/config.json"
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

# Keeps what the connector says besides records.
messages() {
    { grep -v '^{"type":"RECORD"' || true; } >"$work/messages"
}

# Runs the connector, perhaps with fewer file handles. The reader of its output first runs a command,
# if there is one.
run() {
    { [ -z "$handles" ] || ulimit -n "$handles"
        "$time" -o "$work/cost" -f '%e %U %S %M' "$bin/xero-source" "$@"; } |
        { $before_reading
            messages; }
}
handles=
before_reading=

# Reads some records and stops for a minute.
stop_reading() {
    head -c 1000000 >/dev/null
    sleep 60
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
    rows=$(awk -F'[(]rows=' 'NF > 1 && /: read all of / { rows += $2 } END { print rows + 0 }' "$work/messages")
    awk -v name="$name" -v wall="$wall" -v user="$user" -v kernel="$system" -v memory="$memory" \
        -v calls="$(served calls)" -v refused="$(served refused)" -v bytes="$(served sent_bytes)" -v rows="$rows" \
        'BEGIN {
            printf "| %s | %.2f | %.2f | %.1f | %d | %d | %.1f | %d | %d |\n", name, wall, user + kernel,
                memory / 1024, calls, refused, bytes / 1e6, rows, (wall > 0 ? rows / wall : 0)
        }'
    ran=$((ran + 1))
}

# Reads the streams of the catalog.
read_all() {
    run read --config "$work/config.json" --catalog "$work/catalog.json" "$@"
}

# Reads the invoices of a simulator with these flags.
invoices() {
    local name=$1
    shift
    picked "$name" || return 0
    start --only Invoices "$@"
    read_all
    line "$name"
    stop
}

# Reads 2,000 invoices of each of so many organisations.
organisations() {
    local name=$1 tenants=$2
    picked "$name" || return 0
    start_all --only Invoices --tenants "$tenants" --rows 2000 --latency 300 --no-limits
    read_all
    line "$name"
    stop
}

# Writes a catalog of every stream that is offered, incrementally where it can be.
select_everything() {
    # Reports cost calls by the month, and what hangs on documents costs them by the document.
    sed -i 's/^{/{"max_calls_per_sync":0,/' "$work/config.json"
    run discover --config "$work/config.json"
    grep -o '"name":"[a-z_]*","json_schema"' "$work/messages" | cut -d '"' -f 4 |
        awk '{ printf "%s{\"stream\":{\"name\":\"%s\"},\"sync_mode\":\"incremental\"}", (NR > 1 ? "," : "{\"streams\":["), $1 } END { print "]}" }' \
            >"$work/catalog.json"
}

# Reads everything twice, and nothing changes meanwhile.
twice() {
    local first=$1 second=$2
    select_everything
    read_all
    grep '^{"type":"STATE"' "$work/messages" >"$work/state.json"
    line "$first"
    read_all --state "$work/state.json"
    line "$second"
}

# Checks so many organisations.
check_all() {
    local name=$1 tenants=$2
    picked "$name" || return 0
    start_all --tenants "$tenants" --rows 1 --latency 300
    run check --config "$work/config.json"
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
    twice 'catalogue, first read, 50 ms, no limits' 'catalogue, nothing changed, 50 ms, no limits'
    stop
fi
organisations '20 organisations' 20
organisations '200 organisations' 200
if picked '200 organisations, a reader that stops for a minute'; then
    before_reading=stop_reading
    organisations '200 organisations, a reader that stops for a minute' 200
    before_reading=
fi
if picked '50 organisations, whole catalogue, nothing changed, 50 ms'; then
    start_all --tenants 50 --rows 20 --latency 50 --no-limits --no-reports
    twice '50 organisations, whole catalogue, first read, 50 ms' \
        '50 organisations, whole catalogue, nothing changed, 50 ms'
    stop
fi
check_all 'check of 200 organisations, 300 ms' 200
if picked 'check of 1,500 organisations, 1,024 handles'; then
    handles=1024
    check_all 'check of 1,500 organisations, 1,024 handles' 1500
    handles=
fi
invoices '295,000 invoices, 0 ms' --rows 295000
invoices '295,000 invoices, 3,000 ms' --rows 295000 --latency 3000
if picked_by_name '60,000 journals, 3,000 ms'; then
    start --only Journals --rows 60000 --latency 3000
    sed -i 's/"invoices"/"journals"/' "$work/catalog.json"
    read_all
    line '60,000 journals, 3,000 ms'
    stop
fi

[ "$ran" -gt 0 ] || { echo "no case is named like that" >&2; exit 2; }
