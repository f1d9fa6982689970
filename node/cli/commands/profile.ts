import { profileProtocol } from '../../../protocols/profile/protocol.ts'
import type { Command, Context } from '../command.ts'
import { sanitize } from '../style.ts'

const client = async (context: Context) => (await context.connect()).client(profileProtocol)

export const commands: readonly Command[] = [
  {
    words: ['profile', 'get'],
    summary: 'Show your card',
    examples: ['twin profile get'],
    run: async context => show(context, await (await client(context)).get({}, { signal: context.signal }))
  },
  {
    words: ['profile', 'set'],
    summary: 'Change your card: strangers see the name, contacts see all of it',
    options: {
      name: { value: 'NAME', doc: 'The name others see' },
      about: { value: 'TEXT', doc: 'A few lines about yourself, for contacts' }
    },
    examples: ['twin profile set --name Ada', 'twin profile set --about "Writes programs"'],
    run: async context => {
      const request = { name: context.values.option('name'), about: context.values.option('about') }
      return show(context, await (await client(context)).set(request, { signal: context.signal }))
    }
  }
]

function show({ out }: Context, card: { name: string; about: string }): undefined {
  if (out.isJson) return out.json(card) as undefined
  out.facts([
    ['Name', sanitize(card.name) || out.style.dim('not set: twin profile set --name NAME')],
    ['About', sanitize(card.about) || out.style.dim('nothing')]
  ])
}
