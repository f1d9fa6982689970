import { chatProtocol } from '../../../protocols/chat/protocol.ts'
import { drawMessage, drawMessages, messageToJson } from '../chat-view.ts'
import type { Command, Context } from '../command.ts'
import { UsageError } from '../failure.ts'
import { readLines } from '../stdin.ts'
import { sanitize } from '../style.ts'
import { count, deliveryWords, relativeTime } from '../words.ts'
import { saveCommand, withFiles } from './chat-files.ts'

const who = { name: 'WHO', doc: 'Name or twin id of a contact, or name of a group' }
const id = { name: 'ID', doc: 'Id of the message, as history shows it with --json or --ids' }
const text = { name: 'TEXT', doc: 'The message', isRest: true }

const client = async (context: Context) => (await context.connect()).client(chatProtocol)

export const commands: readonly Command[] = [
  {
    words: ['chat', 'send'],
    summary: 'Send a message; it waits here for whoever is not reachable',
    positionals: [who, { ...text, doc: 'The message; - sends each line of standard input as one', isOptional: true }],
    options: {
      attach: { value: 'FILE', doc: 'A file that goes with the message', isRepeatable: true, choices: 'file' },
      key: { value: 'KEY', doc: 'Any text of your own: the same key sends once, however often it is repeated' }
    },
    examples: [
      'twin chat send Marie Hello',
      'twin chat send Trip "See you at 8"',
      'twin chat send Marie "The garden" --attach garden.jpg',
      'cat poem.txt | twin chat send Marie -'
    ],
    run: async context => {
      const { values, out, signal } = context
      const chat = await client(context)
      const said = values.positionals.get('TEXT')
      const hasFiles = values.isOn('attach')
      if (said === undefined && !hasFiles) throw new UsageError('TEXT is missing')
      if (said === '-' && hasFiles) throw new UsageError('--attach goes with one TEXT')
      if (said === '-') return sendLines(context, chat)
      const request = { who: values.text('WHO'), key: values.option('key'), ...(await withFiles(context, said)) }
      const sent = await chat.send(request, { signal })
      out.result({ id: sent.id, state: sent.state }, style => style.dim(deliveryWords(sent.state)))
      return undefined
    }
  },
  {
    words: ['chat', 'history'],
    summary: 'Show a conversation, newest last, with how far each message got',
    positionals: [who],
    options: {
      limit: { value: 'N', doc: 'At most this many (default 50)' },
      before: { value: 'ID', doc: 'Only messages before this one' },
      peek: { doc: 'Do not tell the other that you read it' },
      ids: { doc: 'Show the ids that edit, delete, reply and react take' }
    },
    examples: ['twin chat history Marie', 'twin chat history Marie --limit 10 --json'],
    run: async context => {
      const { values, out, signal } = context
      const request = {
        who: values.text('WHO'),
        limit: values.number('limit', { min: 1, max: 10_000 }),
        before: values.option('before'),
        peek: values.isOn('peek') || undefined
      }
      const messages = (await client(context)).history(request, { signal })
      if (out.isJson) {
        for await (const message of messages) out.json(messageToJson(message))
        return undefined
      }
      const shown = await out.collect('Reading', messages)
      for (const line of drawMessages(shown, out, values.isOn('ids'))) out.line(line)
      return undefined
    }
  },
  saveCommand,
  {
    words: ['chat', 'follow'],
    summary: 'Show messages as they arrive, in one conversation or in all; ends with Ctrl-C',
    positionals: [{ ...who, isOptional: true }],
    options: { peek: { doc: 'Do not tell the other that you read it' } },
    examples: ['twin chat follow Marie', 'twin chat follow --json'],
    run: async context => {
      const { values, out, signal } = context
      const request = { who: values.positionals.get('WHO'), peek: values.isOn('peek') || undefined }
      for await (const event of (await client(context)).follow(request, { signal })) {
        if (event.type === 'typing') {
          out.result(event, style => (event.typing ? style.dim(`${sanitize(event.name)} is writing`) : undefined))
        } else {
          out.result({ type: event.type, message: messageToJson(event.message) }, style =>
            event.type === 'message'
              ? drawMessage(event.message, out)
              : style.dim(`      ${deliveryWords(event.message.state)}: ${sanitize(event.message.text).split('\n')[0]}`)
          )
        }
      }
      return undefined
    }
  },
  {
    words: ['chat', 'list'],
    summary: 'List conversations, newest first',
    examples: ['twin chat list'],
    run: async context => {
      const { out } = context
      const conversations = (await client(context)).conversations({}, { signal: context.signal })
      const rows = await out.collect('Reading', conversations)
      out.table(
        rows,
        [
          { title: 'With', cell: (row, style) => (row.unread > 0 ? style.bold(row.name) : row.name) },
          { title: 'New', isRight: true, cell: (row, style) => (row.unread > 0 ? style.good(String(row.unread)) : '') },
          {
            title: 'Last',
            cell: (row, style) => (row.at === undefined ? '' : style.dim(relativeTime(row.at, out.now)))
          },
          { title: 'Message', cell: row => [...(row.text ?? '')].slice(0, 60).join('') }
        ],
        'No conversation yet: twin chat send WHO TEXT'
      )
      return undefined
    }
  },
  {
    words: ['chat', 'reply'],
    summary: 'Answer one message',
    positionals: [who, id, text],
    examples: ['twin chat reply Marie 01J8Z3Q5W7X9Y0A1B2C3D4E5F6 "Yes, gladly"'],
    run: async context => {
      const { values, signal } = context
      const request = { who: values.text('WHO'), id: values.text('ID'), text: values.text('TEXT') }
      return told(context, await (await client(context)).reply(request, { signal }))
    }
  },
  {
    words: ['chat', 'edit'],
    summary: 'Replace the text of a message of your own',
    positionals: [who, id, text],
    examples: ['twin chat edit Marie 01J8Z3Q5W7X9Y0A1B2C3D4E5F6 "See you at 9"'],
    run: async context => {
      const { values, signal } = context
      const request = { who: values.text('WHO'), id: values.text('ID'), text: values.text('TEXT') }
      return told(context, await (await client(context)).edit(request, { signal }))
    }
  },
  {
    words: ['chat', 'delete'],
    summary: 'Take back a message of your own; who saw it may remember it',
    positionals: [who, id],
    examples: ['twin chat delete Marie 01J8Z3Q5W7X9Y0A1B2C3D4E5F6'],
    run: async context => {
      const { values, signal } = context
      const request = { who: values.text('WHO'), id: values.text('ID') }
      return told(context, await (await client(context)).delete(request, { signal }))
    }
  },
  {
    words: ['chat', 'react'],
    summary: 'Put a reaction under a message, or take it away',
    positionals: [who, id, { name: 'EMOJI', doc: 'One emoji' }],
    options: { remove: { doc: 'Take it away' } },
    examples: ['twin chat react Marie 01J8Z3Q5W7X9Y0A1B2C3D4E5F6 👍'],
    run: async context => {
      const { values, signal } = context
      const remove = values.isOn('remove') || undefined
      const request = { who: values.text('WHO'), id: values.text('ID'), emoji: values.text('EMOJI'), remove }
      return told(context, await (await client(context)).react(request, { signal }))
    }
  },
  {
    words: ['chat', 'group', 'create'],
    summary: 'Make a group of contacts',
    positionals: [
      { name: 'NAME', doc: 'Name of the group' },
      { name: 'WHO', doc: 'Names or twin ids of contacts', isRest: true }
    ],
    examples: ['twin chat group create Trip Marie Ben'],
    run: async context => {
      const { values, out, signal } = context
      const request = { name: values.text('NAME'), members: [...values.rest] }
      const group = await (await client(context)).createGroup(request, { signal })
      out.result(group, style => style.good(`${sanitize(group.name)}: ${count(group.members.length, 'member')}`))
      return undefined
    }
  },
  {
    words: ['chat', 'group', 'add'],
    summary: 'Add a contact to a group of yours',
    positionals: [
      { name: 'GROUP', doc: 'Name of the group' },
      { name: 'WHO', doc: 'Name or twin id of a contact' }
    ],
    examples: ['twin chat group add Trip Chloe'],
    run: async context => {
      const { values, out, signal } = context
      const request = { group: values.text('GROUP'), who: values.text('WHO') }
      const member = await (await client(context)).addMember(request, { signal })
      out.result(member, style => style.good(`${sanitize(member.name)} is in ${sanitize(values.text('GROUP'))}`))
      return undefined
    }
  }
]

function told({ out }: Context, sent: { id: string; state: string }): undefined {
  out.result({ id: sent.id, state: sent.state }, style => style.dim(deliveryWords(sent.state)))
}

type Chat = Awaited<ReturnType<typeof client>>

/** Each line is one message; they are answered in order once they are stored. */
async function sendLines({ values, io, out, signal }: Context, chat: Chat): Promise<undefined> {
  const progress = out.progress(`Sending to ${values.text('WHO')}`)
  async function* texts() {
    for await (const line of readLines(io.stdin)) if (line.trim() !== '') yield { text: line }
  }
  let sentCount = 0
  try {
    for await (const sent of chat.sendMany({ who: values.text('WHO') }, texts(), { signal })) {
      if (out.isJson) out.json({ id: sent.id, state: sent.state })
      progress.update(++sentCount)
    }
  } finally {
    progress.end()
  }
  if (sentCount === 0) throw new UsageError('Standard input has no line to send')
  out.line(`${count(sentCount, 'message')} saved here`)
}
