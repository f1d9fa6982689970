import { resolve } from 'node:path'
import { twinToText } from '../../../crdt/identity/index.ts'
import { nodeProtocol } from '../../../protocols/node/protocol.ts'
import type { Command } from '../command.ts'
import { Failure } from '../failure.ts'
import { byteSize, count, relativeTime } from '../words.ts'

const contents =
  'In it: everything your spaces hold, attached files, who is in them, and the keys to read them. Not in it: the recovery phrase, the keys of\n' +
  'any device, settings of this machine. Only the recovery phrase opens it: twin restore --backup FOLDER'

export const commands: readonly Command[] = [
  {
    words: ['backup'],
    summary: 'Back your twin up into a folder, encrypted to the recovery phrase; the next time only what is new',
    positionals: [{ name: 'FOLDER', doc: 'Folder of the backup, made when it is missing', choices: 'folder' }],
    examples: ['twin backup /media/disk/twin'],
    notes: contents,
    run: async ({ values, out, io, connect, signal }) => {
      const folder = resolve(io.cwd, values.text('FOLDER'))
      const items = (await connect()).client(nodeProtocol).backup({ folder }, { signal })
      const progress = out.progress('Backing up')
      let copying: ReturnType<typeof out.progress> | undefined
      try {
        for await (const { rows, bytes, done } of items) {
          if (bytes === undefined) progress.update(rows)
          else {
            progress.end()
            copying ??= out.progress('Copying bytes of attached files')
            copying.update(bytes)
          }
          if (done === undefined) continue
          out.result({ ...done, rows }, style => [
            style.good(`${count(rows, 'row')} (${byteSize(done.bytes)}) in ${done.file}`),
            done.whole
              ? 'It is a whole backup; the next one adds to it.'
              : 'It adds to the files before it: keep them together.',
            `All in all ${count(done.entries, 'entry', 'entries')} in ${count(done.spaces, 'space')}.`,
            ...filesIn(done.blobs, text => style.warn(text)),
            '',
            style.dim(contents)
          ])
        }
      } finally {
        progress.end()
        copying?.end()
      }
      return undefined
    }
  },
  {
    words: ['backup', 'verify'],
    summary: 'Check every byte of a backup; needs neither the phrase nor a twin',
    positionals: [{ name: 'FOLDER', doc: 'Folder of the backup', choices: 'folder' }],
    examples: ['twin backup verify /media/disk/twin'],
    run: async ({ values, out, io, home }) => {
      const folder = resolve(io.cwd, values.text('FOLDER'))
      const { checkBackup } = await import('../../bin/daemon.ts')
      const progress = out.progress('Checking bytes')
      let read = 0
      const checking = checkBackup(home, folder, bytes => {
        read += bytes
        progress.update(read)
      })
      const { files, blobs } = await checking.finally(() => progress.end())
      const last = files.at(-1)
      if (last === undefined) throw new Failure('There is no backup in the folder')
      const id = twinToText(last.header.twin)
      out.result({ id, files: files.length, attached: blobs, bytes: read, at: last.header.at }, style => [
        style.good(`Every byte of ${count(files.length + blobs, 'file')} (${byteSize(read)}) is as it was written.`),
        `Twin ${id}, ${relativeTime(last.header.at, Date.now())}`
      ])
      return undefined
    }
  }
]

interface Attached {
  readonly count: number
  readonly added: number
  readonly bytes: number
  readonly missing: number
  readonly names: readonly string[]
}

function filesIn(attached: Attached | undefined, warn: (text: string) => string): string[] {
  if (attached === undefined || attached.count + attached.missing === 0) return []
  const { added, bytes, missing } = attached
  const lines = [`${count(attached.count, 'attached file')} in blobs/, ${added} of them new (${byteSize(bytes)}).`]
  if (missing === 0) return lines
  const names = attached.names.filter(name => name !== '').slice(0, 5)
  const some = names.length === 0 ? '' : `: ${names.join(', ')}${missing > names.length ? ', …' : ''}`
  return [...lines, warn(`Not in it: ${count(missing, 'attached file')} that this machine has not got${some}`)]
}
