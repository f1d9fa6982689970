import { bytesToHex } from '../../crdt/log/index.ts'
import { frontierOf } from './contents.ts'
import type { Twin } from './twin.ts'

/** Spaces, members and frontiers: cheap enough to be asked often. */
export function firstDifference(twins: readonly Twin[]): string | undefined {
  const seen = new Map<string, { frontier: string; twin: number }>()
  for (const twin of twins) {
    const { life, spaces } = twin
    if (life === undefined || spaces === undefined) return `twin ${twin.index} is not up`
    for (const space of spaces.list()) {
      if (space.state !== 'open') return `twin ${twin.index} has a space that is ${space.state}`
      const info = spaces.replica.space(space.id)!
      const frontier = `${info.mhead[1]} ${frontierOf(life, space)}`
      const first = seen.get(space.text)
      if (first === undefined) seen.set(space.text, { frontier, twin: twin.index })
      else if (first.frontier !== frontier) {
        return `twins ${first.twin} and ${twin.index} in ${space.kind} ${space.name}:\n  ${first.frontier}\n  ${frontier}`
      }
      const missing = space.members().find(({ twin: member }) => {
        const other = twins.find(({ identity }) => bytesToHex(identity.twin) === bytesToHex(member))
        return other?.space(space.text) === undefined
      })
      if (missing !== undefined) return `member ${missing.number} of ${space.kind} ${space.name} does not have it`
    }
  }
  return undefined
}

/** Heads of all logs of all twins: it stays the same once nobody has anything left to write. */
export function allHeads(twins: readonly Twin[]): string {
  return twins
    .flatMap(({ life, spaces }) =>
      life === undefined || spaces === undefined ? [] : spaces.list().map(space => frontierOf(life, space))
    )
    .join('\n')
}

/** Whether every author knows that what it wrote is everywhere. */
export function firstUndelivered(twins: readonly Twin[]): string | undefined {
  for (const twin of twins) {
    for (const space of twin.spaces?.list() ?? []) {
      const frontier = twin.spaces!.replica.space(space.id)!.frontier()
      const own = frontier.find(([of]) => bytesToHex(of) === bytesToHex(twin.identity.twin))
      if (own === undefined || space.members().length === 1) continue
      const { state, twins: members } = space.delivery({ twin: own[0], device: own[1], seq: own[2] })
      if (state !== 'their-twin') {
        const lacking = members.filter(({ delivered }) => !delivered).map(one => space.numberOf(one.twin))
        return `twin ${twin.index} does not know that members ${lacking.join()} of ${space.name} have its entries`
      }
    }
  }
  return undefined
}
