export const MAX_ITEM_BYTES = 1024 * 1024 + 16 * 1024
export const TARGET_ITEM_BYTES = 192 * 1024
export const MAX_QUEUED_BYTES = 1024 * 1024
export const MAX_INBOX_BYTES = 1024 * 1024
export const MAX_RECEIVE_BYTES = 2 * 1024 * 1024
export const MAX_UNSTORED_BYTES = 64 * 1024
export const MAX_SPACES = 4096
export const MAX_LOGS = 32_768
export const MAX_FRONTIER = 8192
export const MAX_RECORDS = 4096
export const MAX_QUEUED_AWARENESS = 64
export const MAX_AWARENESS_BYTES = 64 * 1024
export const MAX_REOPENS = 32
export const MAX_MERGED_LOGS = 64
export const MAX_RETRIES = 16

export interface SyncLimit {
  readonly name: string
  readonly value: number
  readonly unit: 'bytes' | 'spaces' | 'logs' | 'records' | 'messages' | 'times'
  readonly reason: string
}

/** The limits of a sync session, each with what it is for. */
export const syncLimits: readonly SyncLimit[] = [
  limit('maxItem', MAX_ITEM_BYTES, 'bytes', 'Longest item that is taken or sent: one run of 1 MiB and what names it'),
  limit(
    'targetItem',
    TARGET_ITEM_BYTES,
    'bytes',
    'Items are filled up to this, so that what is urgent does not wait long'
  ),
  limit(
    'maxQueued',
    MAX_QUEUED_BYTES,
    'bytes',
    'Live runs that wait for a slow peer; beyond, they are read from the store again'
  ),
  limit('maxInbox', MAX_INBOX_BYTES, 'bytes', 'Received and not yet worked on; beyond, the peer has to wait'),
  limit('maxReceive', MAX_RECEIVE_BYTES, 'bytes', 'Runs that are handed to the replica at once'),
  limit(
    'maxUnstored',
    MAX_UNSTORED_BYTES,
    'bytes',
    'Runs that the replica has not stored yet while it is handed more: what somebody types shows before it is stored'
  ),
  limit('maxSpaces', MAX_SPACES, 'spaces', 'Named by a peer in one session: the devices of one twin share all of them'),
  limit('maxLogs', MAX_LOGS, 'logs', 'Named by a peer in one session'),
  limit('maxFrontier', MAX_FRONTIER, 'logs', 'In the message that opens a space'),
  limit('maxRecords', MAX_RECORDS, 'records', 'Records or wraps in one message, twins in one list of heads'),
  limit(
    'maxQueuedPresence',
    MAX_QUEUED_AWARENESS,
    'messages',
    'Presence that waits; older is dropped, it is not worth more'
  ),
  limit('maxPresence', MAX_AWARENESS_BYTES, 'bytes', 'One presence message'),
  limit('maxReopens', MAX_REOPENS, 'times', 'That a peer may open one space anew at once; one more each second'),
  limit(
    'maxMergedLogs',
    MAX_MERGED_LOGS,
    'logs',
    'Read side by side, so that what entries depend on is not far behind them'
  ),
  limit(
    'maxRetries',
    MAX_RETRIES,
    'times',
    'That a session asks again, per space, for what it could not take for want of something else'
  )
]

function limit(name: string, value: number, unit: SyncLimit['unit'], reason: string): SyncLimit {
  return { name, value, unit, reason }
}
