import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { projectRoot } from '../project.ts'
import type { Bundle } from './bundle.ts'

/** A page with a bundle, on an origin of its own: whatever browsers keep, they keep by origin. */
export async function servePage(
  { files, entry }: Bundle,
  head = ''
): Promise<{ url: string; close: () => Promise<void> }> {
  const html = `<!doctype html><meta charset="utf-8"><title>test</title>${head}<script type="module" src="/${entry}"></script>`
  const server = createServer(({ url = '/' }, response) => {
    const file = files.get(url.slice(1))
    if (url === '/') response.setHeader('content-type', 'text/html').end(html)
    else if (file !== undefined) response.setHeader('content-type', 'text/javascript').end(file)
    else if (/^\/protocols\/[a-z/]+\/[\w.-]+\.json$/.test(url)) sendVectors(url, response)
    else response.writeHead(404).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => closed(server)
  }
}

/** Frozen vectors, for suites. */
function sendVectors(url: string, response: ServerResponse): void {
  const file = join(projectRoot, url)
  if (existsSync(file)) response.setHeader('content-type', 'application/json').end(readFileSync(file))
  else response.writeHead(404).end()
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise(resolve => server.close(() => resolve()))
}
