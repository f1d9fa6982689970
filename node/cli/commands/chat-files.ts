import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type ChatMessage, chatProtocol } from '../../../protocols/chat/protocol.ts'
import type { Command, Context } from '../command.ts'
import { Failure } from '../failure.ts'
import { pathIn, saveBlob, storeFile } from '../files.ts'
import { sanitize } from '../style.ts'

/** The files that `--attach` names, stored, with the text that goes with them. */
export async function withFiles(context: Context, text: string | undefined) {
  const attachments = []
  for (const file of context.values.options.get('attach') ?? []) attachments.push(await storeFile(context, file))
  if (attachments.length === 0) return { text: text ?? '' }
  // Who cannot show files sees their names
  return { text: text ?? attachments.map(({ name }) => name).join('\n'), attachments }
}

export const saveCommand: Command = {
  words: ['chat', 'save'],
  summary: 'Save the files that came with a message; they are fetched if they are not here yet',
  positionals: [
    { name: 'WHO', doc: 'Name or twin id of a contact, or name of a group' },
    { name: 'ID', doc: 'Id of the message, as history shows it with --json or --ids' }
  ],
  options: {
    to: { value: 'PATH', doc: 'Folder, or name of a new file for a single one (default: here)', choices: 'file' }
  },
  examples: [
    'twin chat save Marie 01J8Z3Q5W7X9Y0A1B2C3D4E5F6',
    'twin chat save Marie 01J8Z3Q5W7X9Y0A1B2C3D4E5F6 --to Pictures'
  ],
  run: async context => {
    const { values, out, io } = context
    const { attachments = [] } = await findMessage(context, values.text('WHO'), values.text('ID'))
    const to = values.option('to') ?? '.'
    const isFolder = await stat(resolve(io.cwd, to)).then(
      found => found.isDirectory(),
      () => false
    )
    if (!isFolder && attachments.length > 1)
      throw new Failure(`${sanitize(to)} is no folder`, { next: 'Name a folder: --to PATH' })
    if (attachments.length === 0) {
      throw new Failure('No file came with this message', { next: 'See which have one: twin chat history WHO --ids' })
    }
    for (const reference of attachments) {
      const path = await saveBlob(context, reference, isFolder ? pathIn(to, reference) : to)
      out.result({ path, size: reference.size, name: reference.name }, style => style.good(`Saved ${sanitize(path)}`))
    }
    return undefined
  }
}

const page = 1000

/** Looks page by page, the newest first. */
async function findMessage(context: Context, who: string, id: string): Promise<ChatMessage> {
  const chat = (await context.connect()).client(chatProtocol)
  let before: string | undefined
  for (;;) {
    let first: string | undefined
    let count = 0
    for await (const message of chat.history({ who, limit: page, before, peek: true }, { signal: context.signal })) {
      if (message.id === id) return message
      first ??= message.id
      count++
    }
    if (count < page || first === undefined) break
    before = first
  }
  throw new Failure('No message with this id in the conversation', {
    code: 'NotFound',
    next: 'See the ids: twin chat history WHO --ids'
  })
}
