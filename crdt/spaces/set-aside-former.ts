import type { EntryMarks } from './entry-marks.ts'
import { OwnHistory } from './own-history.ts'
import type { SpaceContext } from './space-context.ts'

/**
 * On the disk of a device in whose place this one goes on: takes what that one wrote and showed nobody out of its log, where others
 * may have something else. It is written again by this device. Whether there was any.
 */
export async function setAsideFormer(context: SpaceContext, marks: EntryMarks): Promise<boolean> {
  const { me, former, logs, store, keys } = context
  let isSetAside = false
  for (const device of former) {
    const log = logs.find({ twin: me.twin, device })
    // Of a frozen log it is known where the two histories part
    if (log === undefined || log.isFrozen) continue
    const history = new OwnHistory(context, false, { isHeld: false })
    await history.load(log)
    if (history.unshown === 0) continue
    const batch = store.batch()
    marks.forgetBehind(batch, log, history.base)
    await history.setAside(batch)
    // From now on it is the log of another device
    batch.del(keys.unshown + log.key)
    await store.commit(batch)
    isSetAside = true
  }
  return isSetAside
}
