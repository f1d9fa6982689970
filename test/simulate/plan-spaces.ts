import { bytesToHex } from '../../crdt/log/index.ts'
import type { Network } from './network.ts'
import type { Twin } from './twin.ts'
import type { Wish } from './workload.ts'
import type { World } from './world.ts'

const conversations = 3
const someTwins = 5

/** One space of all, one of some that others join later, and conversations; and connections by which their members reach each other. */
export function planSpaces({ random, options }: World, twins: readonly Twin[], network: Network): Wish[] {
  const all = twins.map(({ index }) => index)
  const some = random.shuffle(all).slice(0, someTwins)
  const [owner, ...others] = some as [number, ...number[]]
  const wishes: Wish[] = [
    { owner: 0, kind: 'shared', name: 'all', members: all.slice(1), late: [] },
    { owner, kind: 'shared', name: 'some', members: others.slice(0, 2), late: others.slice(2) }
  ]
  for (let at = 0; at < conversations; at++) {
    const pair = [all[2 * at]!, all[2 * at + 1]!]
    const [one, other] = pair.map(index => bytesToHex(twins[index]!.identity.twin)) as [string, string]
    const [lower, higher] = one < other ? pair : pair.reverse()
    wishes.push({ owner: lower!, kind: 'direct', name: `direct ${at}`, members: [higher!], late: [] })
  }
  // Rings, and the twin that decides with each: the key of a space comes from nobody else
  for (const ring of [all, some]) {
    for (const [at, member] of ring.entries()) network.join(twins[member]!, twins[ring[(at + 1) % ring.length]!]!)
  }
  for (const { owner: decider, members, late } of wishes) {
    for (const member of [...members, ...late]) network.join(twins[decider]!, twins[member]!)
  }
  for (let chord = 0; chord < options.chords; chord++) network.join(random.pick(twins), random.pick(twins))
  return wishes
}
