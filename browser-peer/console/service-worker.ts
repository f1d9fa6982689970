/** Keeps the files of the console in the browser. Whatever is no file of it is left to the network. */

/** Set by the bundler: every file, and what the build is called */
declare const CONSOLE_FILES: readonly string[]
declare const CONSOLE_BUILD: string

interface WorkerEvent extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface FetchEvent extends WorkerEvent {
  readonly request: Request
  respondWith(response: Promise<Response>): void
}
interface Worker {
  addEventListener(type: 'install' | 'activate', listener: (event: WorkerEvent) => void): void
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void
  skipWaiting(): Promise<void>
  readonly clients: { claim(): Promise<void> }
  readonly registration: { readonly scope: string }
}

// The global of a worker; the types of the project are those of pages
const worker = globalThis as unknown as Worker
const cacheName = `console-${CONSOLE_BUILD}`
/** A page that does not come for so long is taken from the cache */
const patienceMs = 2500

worker.addEventListener('install', event => {
  const fill = async () => {
    const cache = await caches.open(cacheName)
    // Cookies know no port: too many of them, which others have set, keep the console from nobody
    const init: RequestInit = { cache: 'reload', credentials: 'omit' }
    await cache.addAll(CONSOLE_FILES.map(file => new Request(file, init)))
    await worker.skipWaiting()
  }
  event.waitUntil(fill())
})

worker.addEventListener('activate', event => {
  const sweep = async () => {
    for (const name of await caches.keys())
      if (name.startsWith('console-') && name !== cacheName) await caches.delete(name)
    await worker.clients.claim()
  }
  event.waitUntil(sweep())
})

worker.addEventListener('fetch', event => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || !request.url.startsWith(worker.registration.scope)) return
  url.search = ''
  url.hash = ''
  event.respondWith(request.mode === 'navigate' ? freshPage(request) : keptFile(url.href, request))
})

/** The page of the newest build while it can be had. A refusal, or the way to another place, is no page. */
async function freshPage(request: Request): Promise<Response> {
  const cache = await caches.open(cacheName)
  const kept = () => cache.match('./')
  try {
    const fresh = await fetch(request, { signal: AbortSignal.timeout(patienceMs) })
    return fresh.ok && fresh.type === 'basic' ? fresh : ((await kept()) ?? fresh)
  } catch (error) {
    const page = await kept()
    if (page === undefined) throw error
    return page
  }
}

/** Files have their build in their name: what is kept is what would come. */
async function keptFile(url: string, request: Request): Promise<Response> {
  const cache = await caches.open(cacheName)
  return (await cache.match(url)) ?? (await fetch(request))
}
