import type { BlobReference } from '../../../protocols/blobs/protocol.ts'
import { kvProtocol, maxValueBytes } from '../../../protocols/kv/protocol.ts'
import type { Command, Context, Option } from '../command.ts'
import { blobPieces, fileSize, saveBlob, storeFile } from '../files.ts'
import { cut, readValue, show } from '../kv-values.ts'
import { sanitize } from '../style.ts'
import { count, describeBlob, relativeTime } from '../words.ts'
import { importLines } from './kv-import.ts'

const space: Option = { value: 'S', doc: 'Namespace: one of yours, or WHO/NAME for one that is shared with you' }
const expected: Option = {
  value: 'VERSION',
  doc: 'Do it only when this version stands there; "" when nothing may stand there'
}
const key = { name: 'KEY', doc: '1 to 512 bytes of text' }

const client = async (context: Context) => (await context.connect()).client(kvProtocol)
const spaceOf = ({ values }: Context) => ({ space: values.option('space') })

export const commands: readonly Command[] = [
  {
    words: ['kv', 'put'],
    summary: 'Store a value under a key',
    positionals: [key, { name: 'VALUE', doc: 'Text; - reads standard input', isOptional: true }],
    options: {
      space,
      as: { value: 'KIND', doc: 'What VALUE is: text (default), json, bytes', choices: ['text', 'json', 'bytes'] },
      file: { value: 'FILE', doc: 'Store the bytes of a file instead of VALUE', choices: 'file' },
      expected
    },
    examples: [
      'twin kv put colour blue',
      'twin kv put --as json lamp \'{"on":true}\'',
      'twin kv put photo --file me.jpg --space house'
    ],
    run: async context => {
      const kv = await client(context)
      const { values, signal } = context
      const file = values.option('file')
      const place = { key: values.text('KEY'), expected: values.option('expected'), ...spaceOf(context) }
      const isBlob =
        file !== undefined && !values.positionals.has('VALUE') && (await fileSize(context, file)) > maxValueBytes
      const result = isBlob
        ? await kv.putBlob({ ...place, blob: await storeFile(context, file) }, { signal })
        : await kv.put({ ...place, value: await readValue(context) }, { signal })
      context.out.result({ key: result.key, version: result.version }, style =>
        style.dim(`stored, version ${result.version}`)
      )
      return undefined
    }
  },
  {
    words: ['kv', 'get'],
    summary: 'Print the value under a key',
    positionals: [key],
    options: { space, to: { value: 'FILE', doc: 'Write a value above 64 KiB to a new file', choices: 'file' } },
    examples: ['twin kv get colour', 'twin kv get --space Marie/house colour', 'twin kv get photo > me.jpg'],
    run: async context => {
      const kv = await client(context)
      const entry = await kv.get({ key: context.values.text('KEY'), ...spaceOf(context) }, { signal: context.signal })
      if (entry.blob !== undefined && (await takeBlob(context, entry.blob))) return undefined
      if (!context.out.isJson && entry.value instanceof Uint8Array && context.io.stdout.isTTY !== true) {
        context.io.stdout.write(entry.value)
        return undefined
      }
      const { blob, version } = entry
      const shown = { key: entry.key, ...(blob === undefined ? { value: entry.value } : { blob }), version }
      context.out.result(shown, () => (blob === undefined ? show(entry.value) : `(${describeBlob(blob)})`))
      return undefined
    }
  },
  {
    words: ['kv', 'list'],
    summary: 'List keys and values in order, all or under a prefix',
    positionals: [{ name: 'PREFIX', doc: 'Only keys that begin with it', isOptional: true }],
    options: {
      space,
      limit: { value: 'N', doc: 'At most this many' },
      after: { value: 'KEY', doc: 'Only keys after this one: the last of the page before' }
    },
    examples: ['twin kv list', 'twin kv list city/ --limit 20', 'twin kv list --space Marie/house --json'],
    run: async context => {
      const { values, out, signal } = context
      const request = {
        prefix: values.positionals.get('PREFIX'),
        limit: values.number('limit', { min: 1, max: 1e9 }),
        after: values.option('after'),
        ...spaceOf(context)
      }
      const rows = (await client(context)).list(request, { signal })
      if (out.isJson) {
        for await (const { key, value, blob, version } of rows) {
          out.json({ key, ...(blob === undefined ? { value } : { blob }), version })
        }
        return undefined
      }
      out.table(
        await out.collect('Reading', rows),
        [
          { title: 'Key', cell: row => row.key },
          {
            title: 'Value',
            cell: row => cut(row.blob === undefined ? show(row.value) : `(${describeBlob(row.blob)})`, 48)
          },
          { title: 'Version', cell: (row, style) => style.dim(row.version) },
          { title: 'Written', cell: (row, style) => style.dim(relativeTime(row.at, out.now)) }
        ],
        'Nothing stored yet: twin kv put KEY VALUE'
      )
      return undefined
    }
  },
  {
    words: ['kv', 'delete'],
    summary: 'Remove the value under a key',
    positionals: [key],
    options: { space, expected },
    examples: ['twin kv delete colour'],
    run: async context => {
      const request = {
        key: context.values.text('KEY'),
        expected: context.values.option('expected'),
        ...spaceOf(context)
      }
      const result = await (await client(context)).delete(request, { signal: context.signal })
      context.out.result(result, style => style.dim(result.deleted ? 'removed' : 'nothing was there'))
      return undefined
    }
  },
  {
    words: ['kv', 'watch'],
    summary: 'Show changes as they happen, whoever writes them; ends with Ctrl-C',
    positionals: [{ name: 'PREFIX', doc: 'Only keys that begin with it', isOptional: true }],
    options: { space },
    examples: ['twin kv watch', 'twin kv watch --space Marie/house --json'],
    run: async context => {
      const { out, signal, values } = context
      const request = { prefix: values.positionals.get('PREFIX'), ...spaceOf(context) }
      for await (const change of (await client(context)).watch(request, { signal })) {
        out.result(change, style =>
          change.type === 'delete'
            ? `${style.warn('-')} ${sanitize(change.key)}`
            : `${style.good('+')} ${sanitize(change.key)}  ${cut(change.blob === undefined ? show(change.value) : `(${describeBlob(change.blob)})`, 60)}`
        )
      }
      return undefined
    }
  },
  {
    words: ['kv', 'import'],
    summary: 'Store many values from JSON lines, such as kv list --json prints',
    positionals: [
      { name: 'SPACE', doc: 'Namespace to store them in' },
      { name: 'FILE', doc: 'One {"key":…,"value":…} a line; - reads standard input', choices: 'file' }
    ],
    examples: ['twin kv import cities cities.jsonl', 'twin kv list --json | twin kv import copy -'],
    run: async context => {
      const imported = await importLines(context, await client(context))
      const space = context.values.text('SPACE')
      context.out.result({ space, imported }, style => style.good(`${count(imported, 'value')} stored in ${space}`))
      return undefined
    }
  },
  {
    words: ['kv', 'share'],
    summary: 'Share a namespace with a contact, who may read and write it',
    positionals: [
      { name: 'NAMESPACE', doc: 'One of your namespaces; it is made when it does not exist' },
      { name: 'WHO', doc: 'Name or twin id of a contact' }
    ],
    examples: ['twin kv share house Marie  # Marie finds it under YOUR_NAME/house'],
    run: async context => {
      const request = { namespace: context.values.text('NAMESPACE'), who: context.values.text('WHO') }
      const sharing = (await client(context)).share(request, { signal: context.signal })
      const result = await context.out.waiting('Sharing', sharing)
      const names = result.members.map(member => sanitize(member.name || member.id)).join(', ')
      context.out.result(result, () => `${result.name} is shared with ${names}`)
      return undefined
    }
  },
  {
    words: ['kv', 'namespaces'],
    summary: 'List namespaces: yours, those you share, those shared with you',
    examples: ['twin kv namespaces'],
    run: async context => {
      const rows = []
      for await (const row of (await client(context)).namespaces({}, { signal: context.signal })) rows.push(row)
      const kinds = { private: 'only yours', shared: 'shared by you', received: 'shared with you' }
      context.out.table(
        rows,
        [
          { title: 'Namespace', cell: row => row.name },
          { title: 'Kind', cell: row => kinds[row.kind] },
          { title: 'With', cell: row => row.members.map(member => member.name || member.id).join(', ') }
        ],
        'No namespace yet: twin kv put KEY VALUE --space NAME'
      )
      return undefined
    }
  },
  {
    words: ['kv', 'offers'],
    summary: 'List namespaces that contacts offer and that you have not accepted yet',
    examples: ['twin kv offers'],
    run: async context => {
      const rows = []
      for await (const row of (await client(context)).offers({}, { signal: context.signal })) rows.push(row)
      const columns = [
        { title: 'Namespace', cell: (row: { name: string }) => row.name },
        { title: 'From', cell: (row: { from: string }) => row.from }
      ]
      context.out.table(rows as { name: string; from: string }[], columns, 'Nothing is offered')
      return undefined
    }
  },
  {
    words: ['kv', 'accept'],
    summary: 'Accept an offered namespace',
    positionals: [{ name: 'NAME', doc: 'WHO/NAME as twin kv offers lists it' }],
    examples: ['twin kv accept Marie/house'],
    run: async context => {
      const request = { name: context.values.text('NAME') }
      const accepting = (await client(context)).accept(request, { signal: context.signal })
      const result = await context.out.waiting('Fetching it', accepting)
      context.out.result(result, style => style.good(`${result.name} is open: twin kv list --space ${result.name}`))
      return undefined
    }
  }
]

/** Writes a value that is a blob where it was asked for: to a new file, or down a pipe. */
async function takeBlob(context: Context, blob: BlobReference): Promise<boolean> {
  const { values, io, out } = context
  const to = values.option('to')
  if (to !== undefined) {
    const path = await saveBlob(context, blob, to)
    out.result({ path, size: blob.size }, style => style.good(`Saved ${sanitize(path)}`))
    return true
  }
  if (out.isJson || io.stdout.isTTY === true) return false
  for await (const piece of blobPieces(context, blob)) {
    if (!io.stdout.write(piece)) await new Promise<void>(drained => io.stdout.once('drain', () => drained()))
  }
  return true
}
