import { type Content, deletionsKeptMs } from './content.ts'

/** Drops rows of deletions that no device can have missed which was not away for very long. */
export async function dropOldDeletions({ deletions }: Content, now = Date.now()): Promise<void> {
  for await (const { key, at, version } of deletions.list()) {
    if (at < now - deletionsKeptMs) await deletions.delete(key, { expected: version }).catch(() => {})
  }
}
