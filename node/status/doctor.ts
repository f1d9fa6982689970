import { textToTwin } from '../../crdt/identity/index.ts'
import { contactsProtocol } from '../../protocols/contacts/protocol.ts'
import { anySignal } from '../../protocols/core/index.ts'
import type { NodeCheck } from '../control/index.ts'
import type { NodeComponents } from './components.ts'
import { deviceTroubles } from './device-troubles.ts'
import { checkHome } from './doctor-home.ts'
import { checkOwn, checkSpaces } from './doctor-spaces.ts'

const connectTimeoutMs = 8000

/** Walks the ladder from this machine to the last entry on their side, and stops where it breaks. */
export async function* diagnose(
  components: NodeComponents,
  only: string | undefined,
  signal: AbortSignal
): AsyncGenerator<NodeCheck> {
  yield* checkHome(components, signal)
  yield* checkHere(components)
  for await (const contact of components.client(contactsProtocol).list({}, { signal })) {
    if (only !== undefined && contact.id !== only) continue
    yield* checkContact(components, contact, signal)
  }
}

function* checkHere(components: NodeComponents): Generator<NodeCheck> {
  const { mesh, hasBootstrap } = components
  const about = 'this twin'
  const troubles = deviceTroubles(components)
  for (const { message, next } of troubles) yield { about, step: 'devices', result: 'problem', detail: message, next }
  if (troubles.length === 0) yield { about, step: 'devices', result: 'good', detail: 'Your devices are in order' }
  yield* checkOwn(components, about)
  const addresses = mesh.addresses().length
  if (addresses === 0) {
    yield {
      about,
      step: 'network',
      result: 'problem',
      detail: 'It listens on no address',
      next: 'Start it again, maybe with another --port'
    }
  } else yield { about, step: 'network', result: 'good', detail: `It listens on ${addresses} addresses` }
  const peers = mesh.peers().length
  if (peers > 0)
    yield {
      about,
      step: 'mesh',
      result: 'good',
      detail: `It is connected to ${peers} ${peers === 1 ? 'peer' : 'peers'}`
    }
  else if (hasBootstrap) {
    const next = 'See whether this machine is online and the meeting point runs'
    yield { about, step: 'mesh', result: 'problem', detail: 'It is connected to nobody', next }
  } else {
    const next = 'Start it with a meeting point: twin start --bootstrap ADDR'
    yield {
      about,
      step: 'mesh',
      result: 'problem',
      detail: 'It is connected to nobody and knows no meeting point',
      next
    }
  }
}

interface ContactFacts {
  readonly id: string
  readonly name: string
  readonly state: string
}

async function* checkContact(
  components: NodeComponents,
  { id, name, state }: ContactFacts,
  signal: AbortSignal
): AsyncGenerator<NodeCheck> {
  const { mesh } = components
  const about = name || id.slice(-8)
  if (state === 'knocking') {
    yield {
      about,
      step: 'contact',
      result: 'wait',
      detail: 'Wants to be a contact',
      next: `twin contacts accept ${about}`
    }
    return
  }
  if (state === 'blocked') return
  if (!mesh.isConnected(id)) {
    const found = await mesh.find(id, { signal }).catch(() => undefined)
    const known = found?.devices.reduce((sum, device) => sum + device.addresses.length, 0) ?? 0
    if (found === undefined) {
      const next = 'See whether the id is right, and ask them to start their twin'
      yield { about, step: 'find', result: 'problem', detail: 'Nobody in the mesh knows where this twin is', next }
      return
    }
    yield {
      about,
      step: 'find',
      result: 'good',
      detail: `Found: ${found.devices.length} device(s), ${known} address(es)`
    }
    const limit = anySignal(signal, AbortSignal.timeout(connectTimeoutMs))
    const error = await mesh.connect(id, { signal: limit }).then(
      () => undefined,
      (thrown: unknown) => thrown
    )
    if (error !== undefined) {
      const next = 'Ask them to start their twin; what you send waits here until then'
      yield { about, step: 'connect', result: 'problem', detail: 'None of the addresses answers', next }
      return
    }
  }
  const peers = mesh.peers().filter(({ peer }) => peer === id || components.twinOf(peer) === id)
  const path = peers[0]?.path
  yield { about, step: 'connect', result: 'good', detail: path === undefined ? 'Connected' : `Connected (${path})` }
  if (!peers.some(({ peer }) => components.twinOf(peer) === id)) {
    const next = 'Wait a moment and look again; if it stays, their version may be too old'
    yield { about, step: 'identity', result: 'wait', detail: 'Has not proved yet who it is', next }
    return
  }
  yield { about, step: 'identity', result: 'good', detail: 'Proved who it is' }
  if (state === 'requested') {
    const next = 'They decide: twin contacts accept on their side'
    yield { about, step: 'contact', result: 'wait', detail: 'Has your request and has not answered', next }
    return
  }
  yield* checkSpaces(components, about, textToTwin(id), signal)
}
