# Reads times, memory and results (tab-separated, see run.sh) and prints medians, ratios to the raw echo, and the targets.
BEGIN { FS = "\t"; fields = split("op p50 p99 cpu own pss", names, " ") }
FILENAME ~ /times$/ { add($1, $2); next }
FILENAME ~ /authorization$/ { call[$1] = $2; next }
FILENAME ~ /memory$/ { pss[$1, $2] = $3; total[$1] += $3; next }
{
    case_of = $1 SUBSEP $2 SUBSEP $3
    if (!(case_of in known)) { known[case_of] = 1; cases[++case_count] = case_of }
    for (i = 1; i <= fields; i++) add(case_of SUBSEP $4 SUBSEP names[i], $(4 + i))
}

function add(key, value) { values[key, ++count[key]] = value + 0 }

function median(key,    n, i, j, v, sorted) {
    n = count[key]
    for (i = 1; i <= n; i++) {
        v = values[key, i]
        for (j = i - 1; j >= 1 && sorted[j] > v; j--) sorted[j + 1] = sorted[j]
        sorted[j + 1] = v
    }
    return n == 0 ? 0 : n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
}

function of(c, side, name) { return median(c SUBSEP side SUBSEP name) }

function ratio(c, name,    raw) {
    raw = of(c, "raw", name)
    return raw > 0 ? of(c, "strata", name) / raw : 0
}

function target(what, got, form, limit, least) {
    printf "  %-52s " form "  target %s " form "  %s\n", what, got, least ? ">=" : "<=", limit, (least ? got >= limit : got <= limit) ? "met" : "MISSED"
}

function kept(operation, connections) { return operation SUBSEP "kept" SUBSEP connections }

function table(    i, c, part) {
    printf "%-16s %-5s %5s %10s %10s %6s %9s %9s %6s %9s %6s %8s %6s %8s %7s\n", "operation", "conn", "n", "op/s", "raw op/s", "ratio",
        "p50 us", "raw p50", "ratio", "p99 us", "ratio", "CPU us", "ratio", "PSS KiB", "ratio"
    for (i = 1; i <= case_count; i++) {
        c = cases[i]
        split(c, part, SUBSEP)
        printf "%-16s %-5s %5d %10.0f %10.0f %6.2f %9.1f %9.1f %6.2f %9.1f %6.2f %8.2f %6.2f %8.0f %7.1f\n", part[1], part[2], part[3],
            of(c, "strata", "op"), of(c, "raw", "op"), ratio(c, "op"), of(c, "strata", "p50"), of(c, "raw", "p50"), ratio(c, "p50"),
            of(c, "strata", "p99"), ratio(c, "p99"), of(c, "strata", "cpu"), ratio(c, "cpu"), of(c, "strata", "pss"), ratio(c, "pss")
    }
}

function node_figures(    n, service, i) {
    printf "\nlaunch to all Healthy %.0f ms, restart after kill -9 %.0f ms (medians of %d)\n", median("launch"), median("restart"), count["launch"]
    printf "PSS in KiB     idle   loaded\n"
    n = split("supervisor registry identity fs", service, " ")
    for (i = 1; i <= n; i++) printf "%-10s %8d %8d\n", service[i], pss["idle", service[i]], pss["loaded", service[i]]
    printf "%-10s %8d %8d\n\n", "together", total["idle"], total["loaded"]
}

# The limiter is measured by itself, and told as what it makes of a whole call.
function authorization() {
    printf "a call by anybody and by the holder of a right, p50: %.1f and %.1f us over 1 connection, %.1f and %.1f us over 8\n", call["anybody_1"], call["holder_1"], call["anybody_8"], call["holder_8"]
    printf "a rate spent: %.0f ns with one in use, %.0f ns with 100 000 in turn\n\n", call["spend_one_ns"], call["spend_many_ns"]
}

function targets() {
    print "targets"
    if (kept("resolve", 8) in known) {
        target("resolve, 8 connections, share of raw op/s", ratio(kept("resolve", 8), "op"), "%6.3f", 0.5, 1)
        target("resolve, 8 connections, CPU us/op", of(kept("resolve", 8), "strata", "cpu"), "%6.2f", 8, 0)
        target("resolve, op/s of 64 connections over 8", of(kept("resolve", 64), "strata", "op") / of(kept("resolve", 8), "strata", "op"), "%6.3f", 1, 1)
    }
    if (kept("read-4k", 8) in known) target("read-4k, 8 connections, share of raw op/s", ratio(kept("read-4k", 8), "op"), "%6.3f", 0.35, 1)
    if (kept("read-512k", 8) in known) target("read-512k, 8 connections, share of raw bytes/s", ratio(kept("read-512k", 8), "op"), "%6.3f", 0.25, 1)
    if (kept("issue", 8) in known) target("issue, 8 connections, CPU us/op", of(kept("issue", 8), "strata", "cpu"), "%6.2f", 40, 0)
    if ("holder_1" in call) {
        target("authorized call, cached token, p50 over unauthorized", call["holder_1"] / call["anybody_1"], "%6.3f", 1.3, 0)
        target("the same over 8 connections", call["holder_8"] / call["anybody_8"], "%6.3f", 1.3, 0)
        target("token not seen before, CPU us beyond a cached one", call["cold_us"], "%6.2f", 90, 0)
        target("authorized call, 100 000 rates in use over one, p50", (call["holder_1"] + (call["spend_many_ns"] - call["spend_one_ns"]) / 1000) / call["holder_1"], "%6.3f", 1.05, 0)
    }
    target("launch to all Healthy, ms", median("launch"), "%6.0f", 400, 0)
    target("restart after kill -9, ms", median("restart"), "%6.0f", 300, 0)
    target("PSS idle, four processes, MB", total["idle"] * 1024 / 1e6, "%6.1f", 90, 0)
}

function write_json(    i, j, c, part) {
    printf "{\"launch_ms\":%.1f,\"restart_ms\":%.1f,\"pss_idle_kib\":%d,\"pss_loaded_kib\":%d,\"results\":[", median("launch"), median("restart"), total["idle"], total["loaded"] > json
    for (i = 1; i <= case_count; i++) {
        c = cases[i]
        split(c, part, SUBSEP)
        printf "%s\n{\"operation\":\"%s\",\"connection\":\"%s\",\"connections\":%d", (i > 1 ? "," : ""), part[1], part[2], part[3] > json
        for (j = 1; j <= fields; j++) {
            printf ",\"%s\":%.2f,\"raw_%s\":%.2f,\"%s_ratio\":%.4f", names[j], of(c, "strata", names[j]), names[j], of(c, "raw", names[j]), names[j], ratio(c, names[j]) > json
        }
        printf "}" > json
    }
    print "\n]}" > json
}

END {
    table()
    node_figures()
    if ("holder_1" in call) authorization()
    targets()
    if (json != "") write_json()
}
