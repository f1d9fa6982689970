import { schema as v } from '../core/index.ts'

/** Bytes of a value: of the bytes themselves, or of the JSON text in its canonical form. */
export const maxValueBytes = 64 * 1024
/** UTF-8 bytes of a key. */
export const maxKeyBytes = 512

/** 1 to 512 bytes of UTF-8 without control characters. */
export const key = v.text({ min: 1, max: maxKeyBytes })
/** Any JSON value or bytes. The bound of JSON counts from above, so it is wider than what a value may take when written. */
export const value = v.union([v.bytes({ max: maxValueBytes }), v.json({ maxBytes: 6 * maxValueBytes, maxDepth: 16 })])
/** Names the write that a value comes from; comparable for equality only, on the twin that said it. */
export const version = v.text({ max: 64 })
/** Of a value above 64 KiB, which is read as a blob; `value` is empty then. */
export const blob = v.optional(v.blobReference())

export const entry = v.object({
  key,
  value,
  blob,
  version,
  /** What the writer's clock said */
  at: v.timeMs(),
  by: v.object({ twin: v.twinId(), device: v.int({ max: 65_535 }) })
})
