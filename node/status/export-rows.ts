import { chatProtocol } from '../../protocols/chat/protocol.ts'
import { contactsProtocol } from '../../protocols/contacts/protocol.ts'
import { toJsonForm } from '../../protocols/core/index.ts'
import { kvProtocol } from '../../protocols/kv/protocol.ts'
import { notesProtocol } from '../../protocols/notes/protocol.ts'
import { profileProtocol } from '../../protocols/profile/protocol.ts'
import type { NodeComponents } from './components.ts'

interface Row {
  readonly file: string
  // JSON made from values that a contract has checked
  // biome-ignore lint/suspicious/noExplicitAny: the contract's JSON type is recursive, and the values come from several contracts
  readonly row: any
}

const pageSize = 1000

/** Everything, read through the same contracts as everybody else uses: what they show is what is written out. */
export async function* exportRows(components: NodeComponents, signal: AbortSignal): AsyncGenerator<Row> {
  yield { file: 'profile.jsonl', row: await components.client(profileProtocol).get({}, { signal }) }
  for await (const contact of components.client(contactsProtocol).list({}, { signal })) {
    yield { file: 'contacts.jsonl', row: clean(contact) }
  }
  yield* exportChat(components, signal)
  yield* exportKv(components, signal)
  yield* exportNotes(components, signal)
}

async function* exportChat(components: NodeComponents, signal: AbortSignal): AsyncGenerator<Row> {
  const chat = components.client(chatProtocol)
  const names = new Set<string>()
  for await (const { id, name } of chat.conversations({}, { signal })) {
    const file = `chat/${unique(name || id, names)}.jsonl`
    // Pages come newest first, each in order: kept as ids of where they begin, then read again from the oldest
    const starts: (string | undefined)[] = [undefined]
    for (;;) {
      const before = starts.at(-1)
      let first: string | undefined
      let count = 0
      for await (const message of chat.history({ who: id, limit: pageSize, before, peek: true }, { signal })) {
        first ??= message.id
        count++
      }
      if (count < pageSize || first === undefined) break
      starts.push(first)
    }
    for (const before of starts.reverse()) {
      for await (const message of chat.history({ who: id, limit: pageSize, before, peek: true }, { signal })) {
        yield { file, row: clean(toJsonForm(chatProtocol.methods.history.item, message)) }
      }
    }
  }
}

async function* exportKv(components: NodeComponents, signal: AbortSignal): AsyncGenerator<Row> {
  const kv = components.client(kvProtocol)
  const names = new Set<string>()
  for await (const { name } of kv.namespaces({}, { signal })) {
    const file = `kv/${unique(name.replaceAll('/', ' - '), names)}.jsonl`
    for await (const entry of kv.list({ space: name }, { signal })) {
      yield { file, row: clean(toJsonForm(kvProtocol.methods.list.item, entry)) }
    }
  }
}

async function* exportNotes(components: NodeComponents, signal: AbortSignal): AsyncGenerator<Row> {
  const notes = components.client(notesProtocol)
  const names = new Set<string>()
  for await (const { id, name } of notes.notebooks({}, { signal })) {
    const file = `notes/${unique(name.replaceAll('/', ' - '), names)}.jsonl`
    for await (const { id: note } of notes.list({ notebook: id }, { signal })) {
      yield { file, row: clean(await notes.read({ note }, { signal })) }
    }
  }
}

function unique(name: string, taken: Set<string>): string {
  let chosen = name
  for (let i = 2; taken.has(chosen); i++) chosen = `${name} (${i})`
  taken.add(chosen)
  return chosen
}

/** Without fields that are absent: JSON has no word for them. */
function clean(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
