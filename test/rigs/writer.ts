// The process that writes and is killed: a store as a twin has it, without network. It answers on the channel to its parent, which
// holds the list of what was acknowledged; nothing of that list lies on the disk that is under test.
import { openDatabase } from '../../node/database.ts'
import { type Control, spoil } from './controls.ts'
import { type Identity, openReplica } from './identity.ts'
import { pump } from './pump.ts'
import { hasItem, makeTables, putItem, type Tables } from './work.ts'

export interface WriteOrder {
  readonly type: 'write'
  readonly dir: string
  readonly me: Identity
  readonly reader: Identity
  readonly first: number
  readonly inFlight: number
  readonly count?: number
  readonly control?: Control
}

export type WriterOrder = WriteOrder | { readonly type: 'read'; readonly item: number }

export type WriterNews =
  | { readonly type: 'ready' }
  | { readonly type: 'news'; readonly acked: readonly number[]; readonly issued: number }
  | { readonly type: 'refused'; readonly reason: string; readonly issued: number }
  | { readonly type: 'read'; readonly item: number; readonly isThere: boolean; readonly reason?: string }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'done' }

/** Between the acknowledgement and the write of the control that does not wait: whatever moment a kill comes, something is on its way. */
const earlyByMs = 50

let tables: Tables | undefined

process.on('message', (order: WriterOrder) => {
  if (order.type === 'read') void read(order.item)
  else write(order).catch((cause: unknown) => tell({ type: 'failed', reason: describe(cause) }))
})
// Whoever started it is gone
process.on('disconnect', () => process.exit(1))
tell({ type: 'ready' })

async function write(order: WriteOrder): Promise<void> {
  const db = await openDatabase(order.dir)
  spoil(db, order.control)
  const { spaces } = await openReplica(order.me, [order.reader], db, order.dir)
  const open = await makeTables(spaces, order.reader.twin)
  tables = open
  const isEarly = order.control === 'early'
  let acked: number[] = []
  let issued = 0
  const note = (item: number) => {
    // What one group commit acknowledges is told in one message
    if (acked.push(item) === 1) {
      setImmediate(() => {
        tell({ type: 'news', acked, issued })
        acked = []
      })
    }
  }
  await pump({
    ...order,
    put: async item => {
      if (isEarly) await new Promise(resolve => setTimeout(resolve, earlyByMs))
      await putItem(open, item)
    },
    onIssued: item => {
      issued = item
      if (isEarly) note(item)
    },
    onAcked: item => {
      if (!isEarly) note(item)
    },
    onRefused: cause => tell({ type: 'refused', reason: describe(cause), issued })
  })
  await spaces.stop()
  await db.close()
  process.send?.({ type: 'done' } satisfies WriterNews, () => process.exit())
}

async function read(item: number): Promise<void> {
  try {
    tell({ type: 'read', item, isThere: tables !== undefined && (await hasItem(tables, item)) })
  } catch (cause) {
    tell({ type: 'read', item, isThere: false, reason: describe(cause) })
  }
}

function tell(news: WriterNews): void {
  process.send?.(news)
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
