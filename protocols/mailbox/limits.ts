const KiB = 1024
const MiB = 1024 * KiB
const hour = 3_600_000

/** What a mailbox gives, each number with what it is for. */
export const mailboxLimitTable = {
  mailboxBoxes: limit(64, 'boxes', 'Devices that keep a box here; on a twin only those of contacts it was offered to'),
  mailboxBytes: limit(1024 * MiB, 'bytes', 'Parcels of all boxes on disk'),
  mailboxParcels: limit(100_000, 'parcels', 'Of all boxes; about 300 bytes of memory each'),
  mailboxBoxBytes: limit(64 * MiB, 'bytes', 'Parcels in one box: weeks of conversations, not a film'),
  mailboxTokenBytes: limit(16 * MiB, 'bytes', 'In one box by one token: one contact cannot fill it for the others'),
  mailboxLifetimeMs: limit(30 * 24 * hour, 'ms', 'After which a parcel that nobody collected is deleted'),
  mailboxKnocks: limit(64, 'parcels', 'Of strangers in one box, 4 KiB each'),
  mailboxKnockRate: limit(30, 'a minute', 'Knocks taken from all strangers together, for all boxes')
} as const satisfies Record<string, MailboxLimit>

export interface MailboxLimit {
  readonly value: number
  readonly unit: 'boxes' | 'bytes' | 'parcels' | 'ms' | 'a minute'
  readonly reason: string
}

export type MailboxLimits = Readonly<Record<keyof typeof mailboxLimitTable, number>>

/** The numbers alone, by name. */
export const mailboxLimits = Object.fromEntries(
  Object.entries(mailboxLimitTable).map(([name, { value }]) => [name, value])
) as MailboxLimits // has every name of the table

function limit(value: number, unit: MailboxLimit['unit'], reason: string): MailboxLimit {
  return { value, unit, reason }
}
