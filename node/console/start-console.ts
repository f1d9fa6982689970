import { isOverPlainHttp } from '../../protocols/pairing/protocol.ts'
import type { StartSettings } from '../home/index.ts'
import { findConsoleFiles } from './console-files.ts'
import { type ConsoleServer, serveConsole } from './serve-console.ts'

export interface ConsoleInit {
  /** Default: the one of the last start, else 4180, else any free one */
  readonly port?: number
  /** Address in the local network to answer at as well */
  readonly listen?: string
  /** Where the console is hosted for others, which QR codes and links open instead of this machine */
  readonly url?: string
}

export interface StartedConsole {
  /** The console in full: over https, or on this machine; undefined when there is nothing to open */
  readonly url: string | undefined
  /** What a link for another device opens: over plain http from another machine only where nothing better was asked for */
  linkUrl(level: 'view' | 'normal'): string | undefined
  /** What is not as asked for, in a sentence */
  readonly problem?: string
  readonly remembered: Pick<StartSettings, 'consolePort' | 'consoleUrl'>
  close(): Promise<void>
}

/** Serves the console as the owner set it up. A twin whose console cannot be served runs all the same. */
export async function startConsole(init: ConsoleInit | false, settings: StartSettings): Promise<StartedConsole> {
  const given = (init === false ? undefined : init.url) ?? settings.consoleUrl
  const hosted = given === undefined ? undefined : readUrl(given)
  const remembered = hosted === undefined ? {} : { consoleUrl: hosted }
  const isPlain = hosted !== undefined && isOverPlainHttp(hosted)
  const safe = isPlain ? undefined : hosted
  const notServed = { url: safe, linkUrl: () => hosted, remembered, close: async () => {} }
  if (init === false) return notServed
  const files = await findConsoleFiles()
  if (files === undefined) return { ...notServed, problem: 'The console was not built: npm run build' }
  const wanted = init.port ?? settings.consolePort
  let server: ConsoleServer
  try {
    server = await serveConsole({ files, port: wanted, listen: init.listen })
  } catch (cause) {
    throw new Error(`The console cannot listen on ${init.listen ?? '127.0.0.1'}`, { cause })
  }
  // The browser keeps its device under the address: a port once used is not given up for a moment's neighbour
  const isElsewhere = wanted !== undefined && wanted !== 0 && server.port !== wanted
  const problem = isElsewhere
    ? `Port ${wanted} of the console is taken: this time it is at ${server.url}`
    : isPlain
      ? `Links open ${hosted} over plain http: whoever comes by one only looks, for an hour`
      : undefined
  return {
    url: safe ?? server.url,
    linkUrl: level => hosted ?? (level === 'view' ? server.networkUrl : undefined) ?? server.url,
    ...(problem !== undefined && { problem }),
    remembered: { consolePort: isElsewhere ? settings.consolePort : server.port, ...remembered },
    close: () => server.close()
  }
}

/** Secrets stand in the fragments of links to it. Over plain http those let nobody in but to look, for a while (decision 0044). */
function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new TypeError('The address of the console begins with https:// or http://')
  }
  url.hash = ''
  url.search = ''
  return url.href
}
