/** Longest item that is taken or sent: one run of 1 MiB and what names it (bytes). */
export const MAX_ITEM_BYTES = 1024 * 1024 + 16 * 1024
/** Items are filled up to about this size, so that what is urgent does not wait behind a megabyte (bytes). */
export const TARGET_ITEM_BYTES = 192 * 1024
/** Live runs that wait in memory for a slow peer; beyond it they are read from the store again (bytes). */
export const MAX_QUEUED_BYTES = 1024 * 1024
/** Received bytes that wait to be worked on before `receive()` lets the peer wait. */
export const MAX_INBOX_BYTES = 1024 * 1024
/** Most bytes of runs handed to the replica at once. */
export const MAX_RECEIVE_BYTES = 2 * 1024 * 1024
/** Spaces a peer may name in one session: one's own devices share all of them. */
export const MAX_SPACES = 4096
/** Logs a peer may name in one session. */
export const MAX_LOGS = 32_768
/** Logs in one OPEN. */
export const MAX_FRONTIER = 8192
/** Records or wraps in one message, twins in one HEADS. */
export const MAX_RECORDS = 4096
/** Presence messages that wait; older ones are dropped, they are not worth more. */
export const MAX_QUEUED_AWARENESS = 64
export const MAX_AWARENESS_BYTES = 64 * 1024
/** How often a peer may open one space anew: so many at once, and one more each second. */
export const MAX_REOPENS = 32
/** Logs that are read side by side, so that what entries depend on is not far behind them. */
export const MAX_MERGED_LOGS = 64
/** Times that a session asks again for what it could not take for want of something else, per space. */
export const MAX_RETRIES = 16
