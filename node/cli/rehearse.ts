import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { nodeProtocol } from '../../protocols/node/protocol.ts'
import { homeAt, readConfig } from '../home/index.ts'
import type { Context } from './command.ts'
import { Failure } from './failure.ts'
import { nameWrongWord, readPhrase } from './phrase-input.ts'
import { count, relativeTime } from './words.ts'

interface Sum {
  readonly spaces: number
  readonly entries: number
}

/** Does what a recovery does, in a folder that is deleted at the end, and compares what came back with what the twin has. */
export async function rehearse(context: Context): Promise<void> {
  const { values, home, io, out } = context
  const { id } = await readConfig(home)
  const folder = values.option('backup')
  const phrase = await readPhrase(context.io, values.option('kit'))
  const { makeTwin, twinOfPhrase } = await import('../bin/maker.ts')
  let twin: string
  try {
    twin = twinOfPhrase(phrase)
  } catch (thrown) {
    throw nameWrongWord(thrown, phrase)
  }
  if (twin !== id) {
    throw new Failure('These are the words of another twin', { next: `This one is ${id}`, code: 'WrongPhrase' })
  }
  if (folder === undefined) {
    out.result({ words: true, backup: null }, style => [
      style.good('The words are right: with them this twin can be brought back.'),
      'What it knows comes back from its other devices or a backup: twin recovery test --backup FOLDER',
      'Without either, conversations come back from your contacts; the list of contacts and your own values do not.'
    ])
    return
  }
  const backup = resolve(io.cwd, folder)
  const place = await mkdtemp(join(tmpdir(), 'twin-rehearsal-'))
  try {
    const { openBackup } = await import('../bin/daemon.ts')
    const trial = homeAt(join(place, 'home'), {})
    const openIt = (keys: Parameters<typeof openBackup>[2]) => openBackup(trial, backup, keys)
    const making = makeTwin({ home: trial, phrase, isRestore: true, openBackup: openIt })
    const { restored } = await out.waiting('Restoring into a folder that is deleted again', making)
    if (restored === undefined) throw new Failure('Nothing was restored')
    const now = await current(context)
    const lacks = now === undefined ? null : { entries: Math.max(0, now.entries - restored.entries) }
    const { spaces, entries, missing, at } = restored
    out.result({ words: true, backup: { spaces, entries, missing, at }, twin: now ?? null, lacks }, style => [
      style.good(
        `The words are right, and the backup opens: ${count(entries, 'entry', 'entries')} in ${count(spaces, 'space')}.`
      ),
      `It was made ${relativeTime(at, Date.now())}.`,
      now === undefined
        ? style.warn('Not compared with the twin: it is not running')
        : lacks!.entries === 0 && spaces >= now.spaces
          ? 'Nothing would be missing.'
          : style.warn(
              `Missing would be ${count(lacks!.entries, 'entry', 'entries')} and ${count(Math.max(0, now.spaces - spaces), 'space')}: back up again`
            ),
      ...(missing.length === 0 ? [] : [style.warn(`The keys of ${count(missing.length, 'space')} are not in it`)])
    ])
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

/** What the running twin has. */
async function current({ connect, signal }: Context): Promise<Sum | undefined> {
  try {
    const { storage } = await (await connect()).client(nodeProtocol).status({}, { signal })
    return storage
  } catch (thrown) {
    if ((thrown as Error).name === 'NotRunning') return undefined
    throw thrown
  }
}
