import { resolve } from 'node:path'
import { twinToText } from '../../../crdt/identity/index.ts'
import { nodeProtocol } from '../../../protocols/node/protocol.ts'
import type { Command } from '../command.ts'
import { Failure } from '../failure.ts'
import { byteSize, count, relativeTime } from '../words.ts'

const contents =
  'In it: everything your spaces hold, who is in them, and the keys to read them. Not in it: the recovery phrase, the keys of\n' +
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
      try {
        for await (const { rows, done } of items) {
          progress.update(rows)
          if (done === undefined) continue
          out.result({ ...done, rows }, style => [
            style.good(`${count(rows, 'row')} (${byteSize(done.bytes)}) in ${done.file}`),
            done.whole
              ? 'It is a whole backup; the next one adds to it.'
              : 'It adds to the files before it: keep them together.',
            `All in all ${count(done.entries, 'entry', 'entries')} in ${count(done.spaces, 'space')}.`,
            '',
            style.dim(contents)
          ])
        }
      } finally {
        progress.end()
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
      const files = await checking.finally(() => progress.end())
      const last = files.at(-1)
      if (last === undefined) throw new Failure('There is no backup in the folder')
      const id = twinToText(last.header.twin)
      out.result({ id, files: files.length, bytes: read, at: last.header.at }, style => [
        style.good(`Every byte of ${count(files.length, 'file')} (${byteSize(read)}) is as it was written.`),
        `Twin ${id}, ${relativeTime(last.header.at, Date.now())}`
      ])
      return undefined
    }
  }
]
