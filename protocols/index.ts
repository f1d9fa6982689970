/**
 * Every capability of a twin, one line each: from it follow what a twin serves, its commands, pages, vectors and compliance
 * tests. Contract and service are loaded when they are meant, so that a cold command pays for one contract.
 *
 * @packageDocumentation
 */
import type { AnyProtocol, Service } from './core/index.ts'

export interface Capability {
  contract(): Promise<AnyProtocol>
  /** Makes the service with whatever it uses of a twin's components. */
  service(components: object): Promise<Service>
}

export const registry: Readonly<Record<string, Capability>> = {
  profile: capability(
    'profile',
    () => import('./profile/protocol.ts'),
    () => import('./profile/index.ts')
  ),
  contacts: capability(
    'contacts',
    () => import('./contacts/protocol.ts'),
    () => import('./contacts/index.ts')
  ),
  chat: capability(
    'chat',
    () => import('./chat/protocol.ts'),
    () => import('./chat/index.ts')
  ),
  kv: capability(
    'kv',
    () => import('./kv/protocol.ts'),
    () => import('./kv/index.ts')
  ),
  notes: capability(
    'notes',
    () => import('./notes/protocol.ts'),
    () => import('./notes/index.ts')
  ),
  blobs: capability(
    'blobs',
    () => import('./blobs/protocol.ts'),
    () => import('./blobs/index.ts')
  ),
  mailbox: capability(
    'mailbox',
    () => import('./mailbox/protocol.ts'),
    () => import('./mailbox/index.ts')
  ),
  devices: capability(
    'devices',
    () => import('./devices/protocol.ts'),
    () => import('./devices/index.ts')
  ),
  pairing: capability(
    'pairing',
    () => import('./pairing/protocol.ts'),
    () => import('./pairing/index.ts')
  ),
  login: capability(
    'login',
    () => import('./login/protocol.ts'),
    () => import('./login/index.ts')
  ),
  spaces: capability(
    'spaces',
    () => import('./spaces/protocol.ts'),
    () => import('./spaces/index.ts')
  )
}

/** The contracts of all capabilities. */
export function loadProtocols(): Promise<AnyProtocol[]> {
  return Promise.all(Object.values(registry).map(({ contract }) => contract()))
}

/** A capability of a folder's name exports `<name>Protocol` from its contract and `<name>`, the service factory, from its door. */
function capability(name: string, contract: () => Promise<object>, door: () => Promise<object>): Capability {
  return {
    contract: async () => exported(await contract(), `${name}Protocol`) as AnyProtocol,
    service: async components => {
      const factory = exported(await door(), name) as () => (components: object) => Service
      return factory()(components)
    }
  }
}

function exported(module: object, name: string): unknown {
  if (!Object.hasOwn(module, name)) throw new TypeError(`The capability does not export ${name}`)
  return (module as Record<string, unknown>)[name]
}
