import { createWriteStream, type WriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { finished } from 'node:stream/promises'
import { nodeProtocol } from '../../../protocols/node/protocol.ts'
import type { Command } from '../command.ts'
import { Failure } from '../failure.ts'
import { count } from '../words.ts'

export const commands: readonly Command[] = [
  {
    words: ['export'],
    summary: 'Write out everything your twin holds, readable without a twin',
    positionals: [{ name: 'FOLDER', doc: 'A new folder; - writes one stream of JSON lines', choices: 'folder' }],
    examples: ['twin export backup', 'twin export - --json | gzip > backup.jsonl.gz'],
    notes:
      'The folder holds JSON lines, one file a conversation or namespace, readable by you alone. Keys of the twin are not exported; files are named in it, and saved by twin chat save and twin kv get.',
    run: async ({ values, out, connect, signal, io }) => {
      const target = values.text('FOLDER')
      const rows = (await connect()).client(nodeProtocol).export({}, { signal })
      const progress = out.progress('Exporting')
      if (target === '-') {
        for await (const row of rows) io.stdout.write(`${JSON.stringify(row)}\n`)
        return undefined
      }
      const folder = resolve(io.cwd, target)
      await mkdir(folder, { mode: 0o700 }).catch(cause => {
        if (cause.code !== 'EEXIST') throw cause
        throw new Failure(`${folder} exists already`, { next: 'Name a new folder', cause })
      })
      const files = new Map<string, WriteStream>()
      let written = 0
      try {
        for await (const { file, row } of rows) {
          let stream = files.get(file)
          if (stream === undefined) {
            const path = safeJoin(folder, file)
            await mkdir(dirname(path), { recursive: true, mode: 0o700 })
            stream = createWriteStream(path, { mode: 0o600 })
            files.set(file, stream)
          }
          if (!stream.write(`${JSON.stringify(row)}\n`))
            await new Promise<void>(drained => stream.once('drain', () => drained()))
          progress.update(++written)
        }
        await Promise.all([...files.values()].map(stream => finished(stream.end())))
      } finally {
        progress.end()
        for (const stream of files.values()) stream.destroy()
      }
      out.result({ folder, files: files.size, rows: written }, style =>
        style.good(`${count(written, 'row')} in ${count(files.size, 'file')} in ${folder}`)
      )
      return undefined
    }
  }
]

/** Names of files come from names that people chose: none leads out of the folder. */
function safeJoin(folder: string, file: string): string {
  const path = join(
    folder,
    ...file.split('/').map(part => part.replace(/[^\p{L}\p{N} ._@-]/gu, '_').replace(/^\.+/, '_'))
  )
  if (!path.startsWith(folder + sep)) throw new Failure('A name in the export leads out of the folder')
  return path
}
