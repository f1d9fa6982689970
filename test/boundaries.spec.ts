import { isBuiltin } from 'node:module'
import { expect } from 'chai'
import { parseSourceFile, readSourceFiles, type SourceFile, type SourceImport } from './source-files.ts'

/** Each room may import these rooms and itself. `test` is not listed: it may import everything. */
const directions: Readonly<Record<string, readonly string[]>> = {
  crdt: [],
  'protocols/core': [],
  protocols: ['protocols/core', 'crdt'],
  node: ['protocols', 'protocols/core', 'crdt'],
  'browser-peer': ['protocols', 'protocols/core', 'crdt'],
  bootstrap: ['protocols', 'protocols/core', 'crdt']
}

/** What others may import of a closed folder: its door, and a contract, which is data. */
const isDoor = (path: string) => path.endsWith('/index.ts') || path.endsWith('/protocol.ts')

/** Packages that bring a platform with them. `crdt/` and `protocols/` get their effect by injection. */
const platformPackages =
  /^(libp2p|@libp2p\/(?!interface$)|@chainsafe\/|level$|classic-level|browser-level|datastore-|ws$|node-)/

/** Sources that cannot keep a rule, each with its reason. A line that is no longer needed turns the suite red. */
const exceptions: Readonly<Record<string, string>> = {
  'protocols/core/file-vectors.ts': 'Reads and writes frozen vectors for specs; no door exports it'
}

/** libp2p packages that run anywhere, and the one folder that may use each: record and DHT rules, and what addresses mean. */
const universal: Readonly<Record<string, RegExp>> = {
  'protocols/kad/': /^@libp2p\/(crypto|kad-dht)(\/|$)/,
  'protocols/streams/': /^@libp2p\/utils$/
}

describe('boundaries', () => {
  const files = readSourceFiles()
  const shipped = files.filter(
    file => !file.isSpec && !file.path.startsWith('test/') && roomOf(file.path) !== undefined
  )

  const closed = new Set(files.filter(file => /(^|\/)index\.ts$/.test(file.path)).map(file => folderOf(file.path)))

  it('the parser finds the files of every room', () => {
    for (const room of ['crdt', 'protocols', 'protocols/core', 'node', 'bootstrap', 'test']) {
      expect(
        files.filter(file => roomOf(file.path) === room || file.path.startsWith(`${room}/`)),
        room
      ).not.empty
    }
  })

  it('imports point one way: crdt and core are leaves, roots never meet, nothing imports test', () => {
    expect(shipped.flatMap(wrongDirections)).deep.equal([])
  })

  it('specs follow the same direction, but may use test helpers and injected platforms', () => {
    const specs = files.filter(file => file.isSpec && !file.path.startsWith('test/'))
    const wrong = specs.flatMap(wrongDirections).filter(line => !/ imports (test|node|crdt|protocols)\//.test(line))
    expect(wrong).deep.equal([])
  })

  it('a file imports another folder only through its door', () => {
    const wrong = shipped.flatMap(file =>
      file.imports.flatMap(found =>
        isThroughDoor(file, found, closed) ? [] : [`${file.path} imports ${found.target}`]
      )
    )
    expect(wrong).deep.equal([])
  })

  it('capabilities share types with each other, never code', () => {
    const wrong = shipped.flatMap(file =>
      file.imports.flatMap(found => {
        const [from, to] = [capabilityOf(file.path), capabilityOf(found.target ?? '')]
        return from && to && from !== to && !found.isType ? [`${file.path} imports ${found.target}`] : []
      })
    )
    expect(wrong).deep.equal([])
  })

  it('crdt and protocols touch no platform', () => {
    const pure = shipped.filter(file => /^(crdt|protocols)\//.test(file.path) && !(file.path in exceptions))
    const wrong = pure.flatMap(file =>
      file.imports.flatMap(({ specifier, isType }) =>
        isBuiltin(specifier) || (platformPackages.test(specifier) && !isType && !isUniversal(file, specifier))
          ? [`${file.path} imports ${specifier}`]
          : []
      )
    )
    expect(wrong).deep.equal([])
  })

  it('crdt and protocols keep time, chance and output injected', () => {
    const pure = shipped.filter(file => /^(crdt|protocols)\//.test(file.path) && !(file.path in exceptions))
    const wrong = pure.flatMap(file => {
      const found = /\b(Math\.random|process\.|setInterval\(|__dirname|typeof window|Buffer\.)/.exec(
        withoutComments(file.text)
      )
      return found === null ? [] : [`${file.path} uses ${found[1]}`]
    })
    expect(wrong).deep.equal([])
  })

  it('only contracts spell a protocol id or another /twin/ path', () => {
    const allowed = (path: string) => /(^|\/)protocol\.ts$/.test(path) || path === 'protocols/core/define-protocol.ts'
    const wrong = shipped.flatMap(file =>
      allowed(file.path) ? [] : file.strings.filter(isProtocolId).map(text => `${file.path} spells ${text}`)
    )
    expect(wrong).deep.equal([])
  })

  it('relative imports name a file that exists, with its .ts', () => {
    const known = new Set(files.map(file => file.path))
    const wrong = files
      .filter(file => file.path.endsWith('.ts'))
      .flatMap(file =>
        file.imports.flatMap(({ target }) =>
          target === undefined || known.has(target) ? [] : [`${file.path}: ${target}`]
        )
      )
      .filter(line => !/\.(mjs|json)$/.test(line))
    expect(wrong).deep.equal([])
  })

  it('imports at the top have names: none is for its side effects', () => {
    const wrong = shipped
      .filter(file => file.path.endsWith('.ts'))
      .flatMap(file => {
        const bare = [...withoutComments(file.text).matchAll(/^import '([^']+)'/gm)].map(match => match[1])
        return bare.map(specifier => `${file.path} imports ${specifier}`)
      })
    expect(wrong).deep.equal([])
  })

  it('nobody relies on AbortSignal.any, which loses time limits on Node 20', () => {
    const wrong = shipped.filter(file => /AbortSignal\.any\(/.test(withoutComments(file.text)))
    expect(wrong.map(({ path }) => path)).deep.equal([])
  })

  it('every exception is still needed', () => {
    expect(Object.keys(exceptions).filter(path => !files.some(file => file.path === path))).deep.equal([])
  })

  it('a fault is seen: a leaf that imports a root, a door that is passed by', () => {
    const hostile = parseSourceFile(
      'crdt/x.ts',
      "import { a } from '../node/mesh/a.ts'\nexport * from '../protocols/index.ts'"
    )
    expect(wrongDirections(hostile)).length(2)
    const inside = parseSourceFile('node/x.ts', "const { a } = await import('../crdt/log/head.ts')")
    expect(isThroughDoor(inside, inside.imports[0]!, new Set(['crdt/log']))).equal(false)
  })
})

function wrongDirections(file: SourceFile): string[] {
  const from = roomOf(file.path)!
  return file.imports.flatMap(({ target }) => {
    if (target === undefined) return []
    const to = roomOf(target)
    if (to === from || (to !== undefined && directions[from]?.includes(to))) return []
    return [`${file.path} imports ${target}`]
  })
}

/** A folder with an `index.ts` is behind it; its own files and those of its subfolders read it freely. */
function isThroughDoor(file: SourceFile, { target }: SourceImport, closed: ReadonlySet<string>): boolean {
  if (target === undefined || file.path in exceptions || isDoor(target)) return true
  const from = `${folderOf(file.path)}/`
  for (let folder = folderOf(target); folder.includes('/') || closed.has(folder); folder = folderOf(folder)) {
    if (closed.has(folder) && !from.startsWith(`${folder}/`)) return false
  }
  return true
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function roomOf(path: string): string | undefined {
  if (path.startsWith('protocols/core/')) return 'protocols/core'
  const top = path.split('/')[0]!
  return top in directions ? top : path.startsWith('test/') ? 'test' : undefined
}

function capabilityOf(path: string): string | undefined {
  const match = /^protocols\/([^/]+)\//.exec(path)
  return match === null || match[1] === 'core' ? undefined : match[1]
}

function isUniversal(file: SourceFile, specifier: string): boolean {
  return Object.entries(universal).some(([folder, allowed]) => file.path.startsWith(folder) && allowed.test(specifier))
}

/** `/twin/<name>/<version>`. Keys of a datastore that begin with `/twin/` are no protocol. */
function isProtocolId(text: string): boolean {
  return /\/twin\/[a-z-]*\/?\d/.test(text)
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
}
