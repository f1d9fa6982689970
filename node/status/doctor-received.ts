import { equals } from 'uint8arrays/equals'
import type { LogReview, Space } from '../../crdt/index.ts'
import type { NodeCheck } from '../control/index.ts'

/** What one twin wrote that arrived here and is not shown. */
export function* checkReceived(space: Space, title: string, about: string, twin: Uint8Array): Generator<NodeCheck> {
  const logs = space.review().logs.filter(({ log }) => equals(log.twin, twin))
  const frozen = logs.filter(({ isFrozen }) => isFrozen)
  const step = 'received'
  for (const { log } of frozen) {
    const detail = `${title}: device ${log.device} wrote two different things under one number; nothing more of it is taken`
    const next = 'Its owner has to set that device up anew; what it wrote before is kept'
    yield { about, step, result: 'problem', detail, next }
  }
  const rejected = sum(logs, log => log.rejected)
  if (rejected > 0) {
    const detail = `${title}: ${entries(rejected)} received, but left out for breaking a rule`
    const next = 'Their twin runs a changed or a newer program: bring both to the newest version'
    yield { about, step, result: 'problem', detail, next }
  }
  const cut = sum(logs, log => log.cut)
  if (cut > 0) {
    const detail = `${title}: ${entries(cut)} left out, for coming too late before a removal or a revocation, or building on that`
    yield { about, step, result: 'good', detail }
  }
  const overQuota = sum(logs, log => log.overQuota)
  if (overQuota > 0) {
    const detail = `${title}: ${entries(overQuota)} stored, but not shown, because their devices wrote more than their share`
    const next =
      'Nothing is lost: it is tried again when your twin starts; if you do not know why, ask them or block them'
    yield { about, step, result: 'problem', detail, next }
  }
  const held = sum(logs, log => log.held - log.overQuota)
  if (held > 0) {
    const detail = `${title}: ${entries(held)} stored, but could not be read yet`
    const next = 'Nothing is lost: it is tried again as more arrives and when your twin starts'
    yield { about, step, result: 'wait', detail, next }
  }
  const waiting = sum(logs, log => log.waiting)
  if (waiting > 0) {
    const detail = `${title}: ${waiting === 1 ? 'one run waits' : `${waiting} runs wait`} here for entries that come before`
    const next = 'It goes on by itself once somebody who has those is connected; look again in a moment'
    yield { about, step, result: 'wait', detail, next }
  }
}

/** Documents that another version of the program would read. */
export function* checkUnread(space: Space, title: string, about: string): Generator<NodeCheck> {
  const { length } = space.review().unread
  if (length === 0) return
  const detail = `${title}: ${length === 1 ? 'one document is' : `${length} documents are`} of a kind not known here`
  yield { about, step: 'received', result: 'wait', detail, next: 'Update your twin: what is stored is read then' }
}

function entries(count: number): string {
  return count === 1 ? 'one entry was' : `${count} entries were`
}

function sum(logs: readonly LogReview[], of: (log: LogReview) => number): number {
  return logs.reduce((total, log) => total + of(log), 0)
}
