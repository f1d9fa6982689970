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
  /** What links open; undefined when there is nothing to open */
  readonly url: string | undefined
  /** What is not as asked for, in a sentence */
  readonly problem?: string
  readonly remembered: Pick<StartSettings, 'consolePort' | 'consoleUrl'>
  close(): Promise<void>
}

/** Serves the console as the owner set it up. A twin whose console cannot be served runs all the same. */
export async function startConsole(init: ConsoleInit | false, settings: StartSettings): Promise<StartedConsole> {
  const hosted = (init === false ? undefined : init.url) ?? settings.consoleUrl
  const url = hosted === undefined ? undefined : needHttps(hosted)
  if (init === false) return { url, remembered: rememberUrl(url), close: async () => {} }
  const files = await findConsoleFiles()
  if (files === undefined) {
    const problem = 'The console was not built: npm run build'
    return { url, problem, remembered: rememberUrl(url), close: async () => {} }
  }
  const wanted = init.port ?? settings.consolePort
  let server: ConsoleServer
  try {
    server = await serveConsole({ files, port: wanted, listen: init.listen })
  } catch (cause) {
    throw new Error(`The console cannot listen on ${init.listen ?? '127.0.0.1'}`, { cause })
  }
  // The browser keeps its device under the address: a port once used is not given up for a moment's neighbour
  const isElsewhere = wanted !== undefined && wanted !== 0 && server.port !== wanted
  return {
    url: url ?? server.url,
    ...(isElsewhere && { problem: `Port ${wanted} of the console is taken: this time it is at ${server.url}` }),
    remembered: { consolePort: isElsewhere ? settings.consolePort : server.port, ...rememberUrl(url) },
    close: () => server.close()
  }
}

function rememberUrl(consoleUrl: string | undefined): Pick<StartSettings, 'consoleUrl'> {
  return consoleUrl === undefined ? {} : { consoleUrl }
}

/** Secrets stand in the fragments of links to it, and its scripts hold a browser's keys. */
function needHttps(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isLocal = url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (url === undefined || (url.protocol !== 'https:' && !isLocal)) {
    throw new TypeError('The address of the console begins with https://')
  }
  url.hash = ''
  url.search = ''
  return url.href
}
