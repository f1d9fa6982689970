import { givenRoles } from '../../../protocols/spaces/protocol.ts'
import type { Command, Context } from '../command.ts'
import { UsageError } from '../failure.ts'
import { drawMembers, memberLine, spacesClient } from '../spaces-view.ts'
import { sanitize } from '../style.ts'

type GivenRole = (typeof givenRoles)[number]

const space = {
  name: 'SPACE',
  doc: 'Name as twin spaces shows it, a contact for a conversation, or the beginning of an id'
}
const who = { name: 'WHO', doc: 'Name or twin id' }
const roleDoc = 'writer, reader, or replica (keeps ciphertext that it cannot read)'

export const commands: readonly Command[] = [
  {
    words: ['space', 'members'],
    summary: 'List who is in a space, in which role, and who has everything of yours',
    positionals: [space],
    examples: ['twin space members house', 'twin space members Marie/house --json'],
    run: async context => {
      const { out, signal, values } = context
      const members = (await spacesClient(context)).members({ space: values.text('SPACE') }, { signal })
      drawMembers(await out.collect('Reading', members), out)
      return undefined
    }
  },
  {
    words: ['space', 'members', 'add'],
    summary: 'Let a contact into a space that you made',
    positionals: [space, who],
    options: { role: { value: 'ROLE', doc: `${roleDoc}; default writer`, choices: givenRoles } },
    examples: ['twin space members add house Marie', 'twin space members add house Bob --role reader'],
    run: async context => {
      const role = context.values.option('role')
      const request = { ...target(context), ...(role !== undefined && { role: toRole(role) }) }
      const member = await (await spacesClient(context)).add(request, { signal: context.signal })
      context.out.result(member, style => memberLine(member, style))
      return undefined
    }
  },
  {
    words: ['space', 'members', 'remove'],
    summary: 'Shut a member out: from now on it can neither write nor read what is new',
    positionals: [space, who],
    examples: ['twin space members remove house Bob'],
    run: async context => {
      const removing = (await spacesClient(context)).remove(target(context), { signal: context.signal })
      const result = await context.out.waiting('Removing', removing)
      context.out.result(result, style => [
        style.good(`${sanitize(result.name) || result.id} is out; what is written from now on has another key`),
        style.dim('What was there before stays with them: nothing can be taken back from a disk that is not yours')
      ])
      return undefined
    }
  },
  {
    words: ['space', 'members', 'role'],
    summary: 'Give a member another role',
    positionals: [space, who, { name: 'ROLE', doc: roleDoc, choices: givenRoles }],
    examples: ['twin space members role house Bob reader'],
    run: async context => {
      const request = { ...target(context), role: toRole(context.values.text('ROLE')) }
      const member = await (await spacesClient(context)).setRole(request, { signal: context.signal })
      context.out.result(member, style => memberLine(member, style))
      return undefined
    }
  }
]

function target({ values }: Context): { space: string; who: string } {
  return { space: values.text('SPACE'), who: values.text('WHO') }
}

function toRole(word: string): GivenRole {
  const role = givenRoles.find(known => known === word)
  if (role === undefined) throw new UsageError(`ROLE is one of ${givenRoles.join(', ')}`)
  return role
}
