// The part of `npm run faults` that runs a rig, after building what is older than its source.

import { spawnSync } from 'node:child_process'
import { needsBuild, root, run } from '../../node/scripts/steps.mjs'

export const rigs = ['kill', 'powercut', 'diskfull', 'ciphertext']

export const help = `Usage: npm run faults [WORD]
       npm run faults -- kill|powercut|diskfull|ciphertext [--rounds N] [--twins N] [--seed N] [--control FAULT] [--json]

Without a rig, faults are put into a copy of the source, one at a time, and a suite has to turn red: all faults of
test/faults/faults.mjs, or those whose name contains WORD.

A rig puts a fault under a real store while it writes, and counts what was acknowledged and lost:
  kill       SIGKILL at random moments and, with strace, before the k-th sync        1,000 rounds
  powercut   the disk as it is at a random moment, without what was in its cache     200 rounds; needs root and mkfs.xfs
  diskfull   a small disk that is filled and freed again                             20 rounds; needs root

Another searches the wire, the disks and the memory of relay, mailbox and replica for what twins say and write:
  ciphertext 8 encodings, while all are there and while the receiver is away         5 rounds; Linux; the wire as root

  --rounds N        rounds with a store; 0: none
  --twins N         rounds with a whole twin as a process (kill and diskfull)
  --seed N          repeats the moments of an earlier run, as far as the machine lets it
  --control FAULT   what the rig has to notice: early (acknowledges before the write), no-sync (leaves the disk out),
                    same-handle (goes on after a failed write), reader (the replica gets keys). The rig then ends with 1
  --json            figures as one line of JSON

Exit code: 0 nothing lost or found, 1 something was or the fault never happened, 2 usage, 3 not run, with the reason.`

/** The exit code of a rig. */
export function runRig(args) {
  run('node', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'])
  if (needsBuild()) run('node', ['node/scripts/bundle.mjs'])
  const words = ['--import=./node/scripts/node20-shim.mjs', 'dist/test/rigs/run.js', ...args]
  const { status } = spawnSync(process.execPath, words, { cwd: root, stdio: 'inherit' })
  return status ?? 130
}
