import { link, open, readFile, rm } from 'node:fs/promises'
import { type Home, HomeError } from './home.ts'

/** Who holds a home. */
export interface Holder {
  readonly pid: number
  /** Tells a living process from another one that was given the same number later; absent where the system does not say */
  readonly started: string | undefined
}

export interface Lock {
  release(): Promise<void>
}

/** Makes the name of each draft in this process its own. */
let drafts = 0

/**
 * Takes the home for this process. A lock whose process is gone is taken over. Throws a `HomeError` that names the holder.
 *
 * Level holds an own lock on the store, so that two twins on one store are impossible even when this file is removed by hand.
 */
export async function lockHome(home: Home): Promise<Lock> {
  const mine = JSON.stringify({ pid: process.pid, started: await startedAt(process.pid) })
  const draft = `${home.lock}.${process.pid}.${drafts++}`
  const file = await open(draft, 'w', 0o600)
  await file.writeFile(mine).finally(() => file.close())
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      // A link appears with its content or not at all, so no reader ever sees half a lock
      if (await tryLink(draft, home.lock)) return { release: () => release(home, mine) }
      const holder = await lockHolder(home)
      if (holder !== undefined) {
        throw new HomeError(`The home ${home.folder} is in use by process ${holder.pid}`, 'Stop it with: twin stop')
      }
      await rm(home.lock, { force: true })
    }
  } finally {
    await rm(draft, { force: true })
  }
  throw new HomeError(`The home ${home.folder} is being taken by another process`, 'Try again')
}

/** The living process that holds the home. */
export async function lockHolder(home: Home): Promise<Holder | undefined> {
  const text = await readFile(home.lock, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const holder = parseHolder(text)
  return holder !== undefined && (await isRunning(holder)) ? holder : undefined
}

/** Whether that very process runs, not another one that was given its number. */
export async function isRunning(holder: Holder): Promise<boolean> {
  if (!isAlive(holder.pid)) return false
  const started = await startedAt(holder.pid)
  return started === undefined || holder.started === undefined || started === holder.started
}

async function release(home: Home, mine: string): Promise<void> {
  const text = await readFile(home.lock, 'utf8').catch(() => undefined)
  if (text === mine) await rm(home.lock, { force: true })
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (cause) {
    if ((cause as { code?: string }).code === 'EEXIST') return false
    throw cause
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value = JSON.parse(text) as { pid?: unknown; started?: unknown }
    if (!Number.isSafeInteger(value.pid)) return undefined
    return { pid: value.pid as number, started: typeof value.started === 'string' ? value.started : undefined }
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return (cause as { code?: string }).code === 'EPERM'
  }
}

/** Field 22 of `/proc/<pid>/stat`, in clock ticks since boot; Linux only. */
async function startedAt(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // The name in field 2 may hold spaces and brackets: count from its closing one
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19]
}
