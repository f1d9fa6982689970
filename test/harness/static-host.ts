import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { ConsoleFiles } from '../../node/console/console-files.ts'
import { selfSigned } from './self-signed.ts'

/** A host for static files over https, as anybody may have one: it knows of no twin. */
export class StaticHost {
  readonly origin: string
  /** Whatever was asked for, in order */
  readonly asked: string[]
  readonly #server: Server

  private constructor(server: Server, asked: string[]) {
    this.#server = server
    this.asked = asked
    this.origin = `https://localhost:${(server.address() as AddressInfo).port}`
  }

  static async start(files: ConsoleFiles, headers: Readonly<Record<string, string>>): Promise<StaticHost> {
    const asked: string[] = []
    const server = createServer(selfSigned(), (request, response) => {
      asked.push(request.url ?? '')
      const file = files.get(request.url ?? '')
      if (file === undefined) return response.writeHead(404, headers).end()
      const cacheControl = file.isImmutable ? 'max-age=31536000, immutable' : 'no-cache'
      response.writeHead(200, { ...headers, 'content-type': file.type, 'cache-control': cacheControl })
      return response.end(file.body)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return new StaticHost(server, asked)
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}
