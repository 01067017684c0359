#!/usr/bin/env bash
# stopwatch.sh GROUP REPORT CMD…: run CMD in the control group GROUP, which counts what it and all it starts compute. REPORT
# gets its exit status and the microseconds it took, REPORT.out and REPORT.err what it said.
set -u
group=$1 report=$2
shift 2
echo $$ >"$group/cgroup.procs"
begun=$EPOCHREALTIME
"$@" >"$report.out" 2>"$report.err" </dev/null
status=$?
ended=$EPOCHREALTIME
echo "$status $((${ended/[.,]/} - ${begun/[.,]/}))" >"$report"
