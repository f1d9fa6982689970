/** What the doctor asks of a running twin, with the mesh left out: who is connected is said by the test. */
import { tmpdir } from 'node:os'
import { type DeviceDirectory, twinToText } from '../../crdt/identity/index.ts'
import type { Spaces } from '../../crdt/index.ts'
import type { TestReplica } from '../../crdt/spaces/replicas.fixture.ts'
import { chatProtocol } from '../../protocols/chat/index.ts'
import { type AnyProtocol, type Client, createClient } from '../../protocols/core/index.ts'
import type { FixtureTwin } from '../../protocols/twins.fixture.ts'
import type { NodeCheck } from '../control/index.ts'
import type { NodeComponents } from './components.ts'
import { diagnose } from './doctor.ts'

export interface Connections {
  /** Twin ids with a connection that proved who they are */
  readonly connected?: readonly string[]
  readonly hasBootstrap?: boolean
}

/** A twin of a `World`, as the doctor sees it. */
export function componentsOf(twin: FixtureTwin, connections: Connections = {}): NodeComponents {
  const client = <P extends AnyProtocol>(protocol: P): Client<P> => createClient(protocol, twin.as('owner'))
  const { directory } = twin.made.init
  return assemble({ id: twin.id, spaces: twin.spaces, directory, client, capabilities: [chatProtocol] }, connections)
}

/** A replica without capabilities, whose contacts are the other replicas. */
export function componentsOfReplica(me: TestReplica, contacts: readonly TestReplica[]): NodeComponents {
  const others = contacts.map(({ twin }) => twinToText(twin))
  const list = async function* () {
    for (const [index, id] of others.entries()) yield { id, name: `Contact ${index + 1}`, state: 'contact' }
  }
  // The doctor asks the contact list for nothing else
  const client = (() => ({ list })) as unknown as NodeComponents['client']
  const { directory } = me.init
  const parts = { id: twinToText(me.twin), spaces: me.spaces, directory, client, capabilities: [] }
  return assemble(parts, { connected: others })
}

export async function examine(components: NodeComponents, only?: string): Promise<NodeCheck[]> {
  const checks: NodeCheck[] = []
  for await (const check of diagnose(components, only, new AbortController().signal)) checks.push(check)
  return checks
}

interface Parts {
  readonly id: string
  readonly spaces: Spaces
  readonly directory: DeviceDirectory
  readonly client: NodeComponents['client']
  readonly capabilities: readonly AnyProtocol[]
}

function assemble(parts: Parts, { connected = [], hasBootstrap = true }: Connections): NodeComponents {
  const mesh = {
    addresses: () => ['/ip4/127.0.0.1/tcp/4100'],
    peers: () => connected.map(id => ({ peer: `peer of ${id}`, path: 'direct', address: '' })),
    isConnected: (id: string) => connected.includes(id),
    find: () => Promise.reject(new Error('Nobody was found'))
  }
  const components: Partial<Record<keyof NodeComponents, unknown>> = {
    ...parts,
    home: { folder: tmpdir(), store: tmpdir() },
    mesh,
    hasBootstrap,
    deviceNumber: parts.spaces.replica.self.device,
    refusing: () => [],
    twinOf: (peer: string) => connected.find(id => peer === `peer of ${id}`)
  }
  // The doctor uses nothing else
  return components as unknown as NodeComponents
}
