import { type Contact, contactsProtocol } from '../../../protocols/contacts/protocol.ts'
import type { Command, Context } from '../command.ts'
import { type Style, sanitize } from '../style.ts'

const who = { name: 'WHO', doc: 'Name or twin id' }

const client = async (context: Context) => (await context.connect()).client(contactsProtocol)

/** What scripts read of a contact; a sentence about what happens next comes last. */
const toJson = ({ id, name, state, verified, note }: Contact) => ({ id, name, state, verified, note })

export const commands: readonly Command[] = [
  {
    words: ['contacts', 'add'],
    summary: 'Ask somebody to become a contact, by invite link or twin id',
    positionals: [{ name: 'LINK|ID', doc: 'Invite link (twin:…) or twin id (12D3KooW…)' }],
    options: {
      name: { value: 'NAME', doc: 'What you call them; by default the name they show' },
      message: { value: 'TEXT', doc: 'A sentence they see when you ask without an invite' }
    },
    examples: ["twin contacts add 'twin:12D3KooW…?t=…' --name Marie  # quote the link for the shell"],
    run: async context => {
      const { values, out, signal } = context
      const request = { who: values.text('LINK|ID'), name: values.option('name'), message: values.option('message') }
      const contact = await out.waiting('Asking', (await client(context)).add(request, { signal }))
      out.result(toJson(contact), style => [
        `${sanitize(contact.name || contact.id)}: ${stateWords(contact, style)}`,
        ...(contact.note === undefined ? [] : [style.dim(contact.note)])
      ])
      return undefined
    }
  },
  {
    words: ['contacts', 'accept'],
    summary: 'Let somebody who knocks become a contact',
    positionals: [{ name: 'ID|NAME', doc: 'Who knocks, as twin contacts list shows them' }],
    examples: ['twin contacts accept Marie'],
    run: async context => {
      const request = { who: context.values.text('ID|NAME') }
      return told(context, await (await client(context)).accept(request, { signal: context.signal }))
    }
  },
  {
    words: ['contacts', 'list'],
    summary: 'List contacts, requests and knocks',
    options: {
      state: {
        value: 'STATE',
        doc: 'Only these: requested, knocking, contact, blocked',
        choices: ['requested', 'knocking', 'contact', 'blocked']
      }
    },
    examples: ['twin contacts list', 'twin contacts list --state knocking', 'twin contacts list --json'],
    run: async context => {
      const { values, out, signal } = context
      // The contract refuses any other word
      const request = { state: values.option('state') as Contact['state'] | undefined }
      const rows = await out.collect('Reading', (await client(context)).list(request, { signal }))
      if (out.isJson) {
        for (const row of rows) out.json({ id: row.id, name: row.name, state: row.state, verified: row.verified })
        return undefined
      }
      out.table(
        rows,
        [
          { title: 'Name', cell: (row, style) => style.name(row.name) },
          { title: 'State', cell: stateWords },
          { title: 'Verified', cell: (row, style) => (row.verified ? style.good('yes') : style.dim('no')) },
          { title: 'Twin id', cell: (row, style) => style.dim(row.id) },
          ...(rows.some(row => row.message) ? [{ title: 'Says', cell: (row: Contact) => row.message ?? '' }] : [])
        ],
        'No contacts yet: make a link with twin invite, or add one with twin contacts add LINK'
      )
      return undefined
    }
  },
  {
    words: ['contacts', 'rename'],
    summary: 'Call somebody by another name, which only you see',
    positionals: [who, { name: 'NAME', doc: 'The new name', isRest: true }],
    examples: ['twin contacts rename Marie "Marie C."'],
    run: async context => {
      const request = { who: context.values.text('WHO'), name: context.values.text('NAME') }
      return told(context, await (await client(context)).rename(request, { signal: context.signal }))
    }
  },
  {
    words: ['contacts', 'block'],
    summary: 'Refuse everything from somebody, and hide them',
    positionals: [who],
    examples: ['twin contacts block Mallory'],
    run: async context => {
      const request = { who: context.values.text('WHO') }
      return told(context, await (await client(context)).block(request, { signal: context.signal }))
    }
  },
  {
    words: ['contacts', 'unblock'],
    summary: 'Let somebody be what they were before the block',
    positionals: [who],
    examples: ['twin contacts unblock Mallory'],
    run: async context => {
      const request = { who: context.values.text('WHO') }
      return told(context, await (await client(context)).unblock(request, { signal: context.signal }))
    }
  },
  {
    words: ['contacts', 'remove'],
    summary: 'Forget a contact, a request or a knock',
    positionals: [who],
    examples: ['twin contacts remove Mallory'],
    run: async context => {
      const request = { who: context.values.text('WHO') }
      const result = await (await client(context)).remove(request, { signal: context.signal })
      context.out.result(result, style => style.dim('forgotten; what was said and shared stays here'))
      return undefined
    }
  },
  {
    words: ['contacts', 'verify'],
    summary: 'Show the code that both of you compare aloud, then confirm it',
    positionals: [who],
    options: { confirm: { doc: 'The codes were equal: mark them as verified' } },
    examples: ['twin contacts verify Marie', 'twin contacts verify Marie --confirm  # after you compared'],
    run: async context => {
      const { values, out, signal } = context
      const contacts = await client(context)
      const request = { who: values.text('WHO') }
      if (values.isOn('confirm')) return told(context, await contacts.confirm(request, { signal }))
      const result = await contacts.verify(request, { signal })
      const groups = result.code.split(' ')
      out.result(result, style => [
        `Compare this with what ${sanitize(result.name)} sees, aloud or side by side:`,
        '',
        ...[0, 4, 8].map(at => `   ${style.bold(groups.slice(at, at + 4).join(' '))}`),
        '',
        result.verified
          ? style.good('You confirmed it before.')
          : `Equal? Then: twin contacts verify ${quote(sanitize(values.text('WHO')))} --confirm`
      ])
      return undefined
    }
  }
]

function told({ out }: Context, contact: Contact): undefined {
  out.result(toJson(contact), style => `${sanitize(contact.name || contact.id)}: ${stateWords(contact, style)}`)
}

function stateWords(contact: Contact, style: Style): string {
  if (contact.state === 'contact') return style.good('contact')
  if (contact.state === 'requested') return style.warn('asked, no answer yet')
  if (contact.state === 'knocking') return style.warn('wants to be a contact')
  return style.bad('blocked')
}

/** As a shell takes it for one word. */
function quote(word: string): string {
  return /^[\w.@+-]+$/.test(word) ? word : `"${word.replace(/["\\$`]/g, '\\$&')}"`
}
