// Passes TCP connections on and writes every byte of both directions into a file: PORT FILE HOST… . Prints {"port"} when it listens.
import { createWriteStream } from 'node:fs'
import { connect, createServer } from 'node:net'

const [port = '', file = '', ...hosts] = process.argv.slice(2)
const capture = createWriteStream(file)
for (const host of hosts) {
  const server = createServer(near => {
    const far = connect(Number(port), '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near]
    ] as const) {
      from.on('data', bytes => {
        capture.write(bytes)
        to.write(bytes)
      })
      from.on('error', () => to.destroy()).on('close', () => to.end())
    }
  })
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(Number(port), host, resolve))
}
console.log(JSON.stringify({ port: Number(port) }))
