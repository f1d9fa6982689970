import type { Home, Twin } from '../../node/index.ts'
import { createTwin, homeAt, makeTwin, newTwinPhrase } from '../../node/index.ts'
import { compileSooner, tuneHeap } from '../../node/tune-engine.ts'
import { contactsProtocol } from '../../protocols/contacts/protocol.ts'
import { kvProtocol } from '../../protocols/kv/protocol.ts'

/** Makes a twin in a folder and starts it on loopback, as `twin start` does; it knows the given addresses and nobody else. */
export async function startBenchTwin(dir: string, bootstrap: readonly string[] = []): Promise<Twin> {
  tuneHeap()
  compileSooner()
  const home: Home = homeAt(dir, {})
  await makeTwin({ home, phrase: newTwinPhrase(), isRestore: false, kit: home.kit, name: 'Bench' })
  return createTwin({ home, listen: '127.0.0.1', port: 0, mdns: false, bootstrap })
}

/** One side of a pair: the link that the other uses. */
export async function inviteLink(twin: Twin): Promise<string> {
  return (await twin.client(contactsProtocol).invite({})).link
}

/** Resolves when both agreed, however often the other had to be asked. */
export async function addContact(twin: Twin, link: string): Promise<void> {
  const contacts = twin.client(contactsProtocol)
  const stop = new AbortController()
  const changes = contacts.watch({}, { signal: stop.signal })[Symbol.asyncIterator]()
  let change = changes.next()
  let { state } = await contacts.add({ who: link, name: 'Other' })
  while (state !== 'contact') {
    const { value } = await change
    state = value.contact.state
    change = changes.next()
  }
  change.catch(() => {})
  stop.abort()
}

/** Shares a namespace with the only contact. */
export async function shareWithContact(twin: Twin, namespace: string): Promise<void> {
  for await (const { id } of twin.client(contactsProtocol).list({})) {
    await shareOnceKnown(twin, namespace, id)
  }
}

/** Devices of a new contact are known once the first hello is over, which has no event of its own. */
async function shareOnceKnown(twin: Twin, namespace: string, who: string, triesLeft = 200): Promise<void> {
  try {
    await twin.client(kvProtocol).share({ namespace, who })
  } catch (error) {
    if (triesLeft === 0 || (error as { code?: string }).code !== 'FailedPrecondition') throw error
    await new Promise(resolve => setTimeout(resolve, 50))
    await shareOnceKnown(twin, namespace, who, triesLeft - 1)
  }
}

/** Waits for the offer of the only contact and accepts it; the name by which it is known here. */
export async function acceptNamespace(twin: Twin, namespace: string): Promise<string> {
  const name = `Other/${namespace}`
  await twin.client(kvProtocol).accept({ name })
  return name
}
