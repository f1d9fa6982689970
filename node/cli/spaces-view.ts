import { type MemberItem, type SpaceItem, spacesProtocol } from '../../protocols/spaces/protocol.ts'
import type { Context } from './command.ts'
import type { Output } from './output.ts'
import { type Style, sanitize } from './style.ts'
import { count } from './words.ts'

export const spacesClient = async (context: Context) => (await context.connect()).client(spacesProtocol)

const kinds = { self: 'your devices', direct: 'conversation', group: 'group', shared: 'shared' } as const

export function drawSpaces(rows: readonly SpaceItem[], out: Output): void {
  out.table(
    rows,
    [
      { title: 'Space', cell: (row, style) => style.name(row.name) },
      { title: 'Kind', cell: row => kinds[row.kind] },
      { title: 'State', cell: stateWords },
      { title: 'You are', cell: row => row.role ?? '' },
      { title: 'Members', isRight: true, cell: row => String(row.members) },
      { title: 'Not shown', cell: notShown },
      { title: 'Id', cell: (row, style) => style.dim(row.id.slice(0, 8)) }
    ],
    'No space yet'
  )
}

export function drawMembers(rows: readonly MemberItem[], out: Output): void {
  out.table(
    rows,
    [
      { title: 'No', isRight: true, cell: row => String(row.number) },
      { title: 'Who', cell: (row, style) => (row.name === '' ? style.good('me') : style.name(row.name)) },
      { title: 'Role', cell: row => row.role },
      { title: 'Has all', cell: deliveredWords },
      { title: 'Twin id', cell: (row, style) => style.dim(row.id) }
    ],
    'Nobody'
  )
}

export function memberLine({ name, id, role }: MemberItem, style: Style): string {
  return `${style.name(sanitize(name) || id)}  ${role}`
}

function stateWords({ state }: SpaceItem, style: Style): string {
  if (state === 'open') return style.good('open')
  if (state === 'offered') return style.warn('offered')
  return style.bad(state === 'frozen' ? 'frozen' : 'removed from it')
}

function notShown({ held, cut, unread }: SpaceItem): string {
  const parts = [
    ...(held > 0 ? [`${held} held back`] : []),
    ...(cut > 0 ? [`${cut} cut`] : []),
    ...(unread > 0 ? [count(unread, 'unknown document')] : [])
  ]
  return parts.join(', ')
}

function deliveredWords({ name, delivered }: MemberItem, style: Style): string {
  if (name === '' || delivered === undefined) return ''
  return delivered ? style.good('yes') : style.warn('not yet')
}
