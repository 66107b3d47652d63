#!/usr/bin/env bash
# A review run on a real SLURM of one machine, beside the same review run here: same bytes, also of a job that was killed.
#
#   benchmarks/slurm.sh [PARTS]
#
# As root on Debian, with the packages of requirements/slurm.txt; PYTHON names another python than that of .venv. Installs
# slurm-wlm and munge where they are missing. SLURM listens on the loopback address alone, keeps all its files in a folder
# under /tmp, and is gone at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
PARTS=${1:-2}
CODE=$PWD
PYTHON=$(realpath -s "${PYTHON:-.venv/bin/python}")

[ "$(id -u)" = 0 ] || { echo "This takes root: SLURM runs jobs as other users." >&2; exit 1; }
"$PYTHON" -c 'import snakemake_executor_plugin_slurm' 2>/dev/null || {
  echo "First: $PYTHON -m pip install --require-hashes --requirement requirements/slurm.txt" >&2; exit 1; }
if ! command -v slurmctld slurmd munged >/dev/null; then
  echo "Installing slurm-wlm and munge"
  apt-get update -qq && apt-get install -y -qq --no-install-recommends slurm-wlm munge >/dev/null
fi

CONF=/etc/slurm/slurm.conf
[ ! -e "$CONF" ] || { echo "This machine has a SLURM of its own ($CONF): it is left alone." >&2; exit 1; }

# ---------------------------------------------------------------- SLURM of one machine

WORK=$(mktemp -d /tmp/slurm-XXXXXX)
STARTED=()
RUN=
stop() { # what was started here, by its id: the run first, then its jobs, then SLURM
  if [ -n "$RUN" ]; then
    kill "$RUN" 2>/dev/null || true
    timeout 5 scancel --quiet --user=root 2>/dev/null || true
    for _ in $(seq 10); do [ -n "$(timeout 2 squeue --noheader 2>/dev/null)" ] || break; sleep 1; done
    kill -9 "$RUN" 2>/dev/null || true
  fi
  for pid in "${STARTED[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${STARTED[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$WORK"
  [ "$(readlink "$CONF")" != "$WORK/slurm.conf" ] || rm "$CONF"
}
trap stop EXIT

chmod 755 "$WORK"
mkdir "$WORK/munge" "$WORK/state" "$WORK/spool"
dd if=/dev/urandom of="$WORK/munge/key" bs=128 count=1 status=none
chmod 600 "$WORK/munge/key"
chown -R munge "$WORK/munge"
setpriv --reuid=munge --regid=munge --clear-groups munged --foreground --key-file="$WORK/munge/key" \
  --socket="$WORK/munge/socket" --pid-file="$WORK/munge/pid" --seed-file="$WORK/munge/seed" --log-file="$WORK/munge/log" 2>/dev/null &
STARTED+=($!)

MEMORY=$(awk '/MemTotal/ {print int($2 / 1024)}' /proc/meminfo)
cat >"$WORK/slurm.conf" <<CONF
ClusterName=one
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$WORK/munge/socket
StateSaveLocation=$WORK/state
SlurmdSpoolDir=$WORK/spool
SlurmctldPidFile=$WORK/slurmctld.pid
SlurmdPidFile=$WORK/slurmd.pid
SlurmctldLogFile=$WORK/slurmctld.log
SlurmdLogFile=$WORK/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SchedulerParameters=sched_interval=1,batch_sched_delay=0
MpiDefault=none
ReturnToService=2
KillWait=2
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=$MEMORY State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
ln -s "$WORK/slurm.conf" "$CONF" # where jobs look for it, too: Snakemake takes the variables of SLURM out of their environment
for _ in $(seq 50); do [ -S "$WORK/munge/socket" ] && break; sleep 0.1; done
slurmctld -D >/dev/null 2>&1 &
STARTED+=($!)
slurmd -D >/dev/null 2>&1 &
STARTED+=($!)
for _ in $(seq 100); do sinfo --noheader --format=%T 2>/dev/null | grep -q idle && break; sleep 0.2; done
sinfo --noheader --format=%T | grep -q idle || { cat "$WORK"/*.log >&2; exit 1; }
echo "$(slurmctld -V), $("$PYTHON" -c 'from importlib.metadata import version
for name in ("snakemake", "snakemake-executor-plugin-slurm"): print(name, version(name), end="; ")')parts: $PARTS"

# ---------------------------------------------------------------- the same review twice

run() { # FOLDER PROFILE [OPTION]...: starts a run there; its id is in RUN
  "$PYTHON" -m snakemake --snakefile "$CODE/Snakefile" --workflow-profile "$CODE/profiles/$2" \
    --directory "$WORK/$1" "${@:3}" >"$WORK/$1.log" 2>&1 &
  RUN=$!
}
ended() { # FOLDER: waits for the run, and shows what it said where it failed
  wait "$RUN" || { cat "$WORK/$1.log" >&2; exit 1; }
  RUN=
}
at_work() { # STAGE: the id of a process that does a part of it on SLURM
  for pid in $(pgrep -f "^[^ ]*python[^ ]* [^ ]*/stage.py $1 "); do
    [ "$(readlink "/proc/$pid/cwd")" != "$WORK/cluster" ] || { echo "$pid"; break; }
  done
}
hashes() { # FOLDER: of every result; logs and what is hidden, such as records of jobs, apart
  (cd "$WORK/$1/results" && find . -name '.?*' -prune -o -path ./logs -prune -o -type f -print0 | sort -z |
    xargs -0 sha256sum)
}

"$PYTHON" -m reanalysis.cli new "$WORK/here" >/dev/null
sed -i "s/\[svg, pdf, png\]/[svg]/" "$WORK/here/config/config.yaml" # one format of a figure is enough here
cp -r "$WORK/here" "$WORK/cluster"
start=$SECONDS
REANALYSIS_PARTS=1 run here default
ended here
echo "On this machine, undivided: $((SECONDS - start)) s"

start=$SECONDS
REANALYSIS_PARTS=$PARTS run cluster slurm --max-threads "$(nproc)" --slurm-no-account --slurm-status-command squeue \
  --slurm-init-seconds-before-status-checks 1
until victim=$(at_work robustness) && [ -n "$victim" ]; do
  kill -0 "$RUN" 2>/dev/null || ended cluster
  sleep 0.1
done
kill -9 "$victim" && echo "Killed on its node: a part of robustness"
until job=$(squeue --noheader --states=RUNNING --format='%i %k' | awk '/cell_figures_part/ {print $1; exit}') && [ -n "$job" ]; do
  kill -0 "$RUN" 2>/dev/null || ended cluster
  sleep 0.1
done
scancel "$job" && echo "Cancelled by SLURM: a part of the figures of cells"
ended cluster
echo "On SLURM, in $PARTS parts: $((SECONDS - start)) s"
grep -c 'has been submitted with SLURM jobid' "$WORK/cluster.log" | sed 's/$/ jobs submitted/'
grep -c 'Trying to restart job' "$WORK/cluster.log" | sed 's/$/ jobs tried again/'

hashes here >"$WORK/here.sha256"
hashes cluster >"$WORK/cluster.sha256"
echo "SHA-256 here      on SLURM          result"
join -1 2 -2 2 -a 1 -a 2 -e missing -o 0,1.1,2.1 "$WORK/here.sha256" "$WORK/cluster.sha256" |
  awk '{printf "%.16s  %.16s  %s\n", $2, $3, substr($1, 3)}'
cmp --silent "$WORK/here.sha256" "$WORK/cluster.sha256" || { echo "They differ."; exit 1; }
[ "$(grep -c 'Trying to restart job' "$WORK/cluster.log")" -ge 2 ] || { echo "What was killed was not tried again."; exit 1; }
echo "All $(wc -l <"$WORK/here.sha256") results are the same, byte for byte."
